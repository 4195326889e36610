/** What Tech Insights' facts of the retriever `goldenpath` hold of one component. */
export interface Facts {
  /** The tier that is reached; empty where there is none. */
  tier: string;
  /** Why it could not be judged; empty where it was. */
  reason: string;
  report: Report | null;
}

/** The part of goldenpath's report that is shown; docs/report.schema.json has all of it. */
export interface Report {
  contract: {
    name: string;
    version: string;
    tiers: string[];
    extends?: { name: string; version: string }[];
  };
  components: ComponentScore[];
}

export interface ComponentScore {
  in_scope: boolean;
  tier: string | null;
  working_on: string | null;
  checks: CheckResult[];
  next: null | {
    check: string;
    tier: string;
    summary: string;
    effort: string;
    docs: string | null;
  };
}

export interface CheckResult {
  id: string;
  title: string;
  tier: string;
  level: 'required' | 'advisory';
  verdict: 'pass' | 'fail' | 'unknown' | 'not-applicable';
  summary: string;
  reason?: string;
  evidence: Evidence[];
  fix?: { summary: string; effort: string; docs: string | null };
  waiver: Waiver | null;
}

export interface Evidence {
  role: string;
  path: string;
  /** From 1; 0 is the file as a whole. */
  line: number;
  text: string;
  /** Another repository that was handed in: `owner/name@ref`. */
  source?: string;
}

export interface Waiver {
  state: 'granted' | 'expired' | 'refused' | 'requested';
  reason: string;
  requested_by: string;
  expires: string;
  why?: string;
  approver?: string | null;
}

/** A verdict as a person reads it: what is excused is neither met nor open. */
export type Standing = CheckResult['verdict'] | 'waived';

export function standing({ verdict, waiver }: CheckResult): Standing {
  return waiver?.state === 'granted' ? 'waived' : verdict;
}

/** Required, and neither met nor excused: what keeps a component from a tier. */
export function isOpen(check: CheckResult): boolean {
  return (
    check.level === 'required' && ['fail', 'unknown'].includes(standing(check))
  );
}

/** How many of the required checks that are asked of the component are met or excused. */
export function progress(checks: CheckResult[]): {
  met: number;
  asked: number;
} {
  const asked = checks.filter(
    check => check.level === 'required' && check.verdict !== 'not-applicable',
  );
  return {
    met: asked.filter(check => !isOpen(check)).length,
    asked: asked.length,
  };
}

/** A tier's name as it is written. */
export function tierName(tier: string | null | undefined): string {
  return tier ? tier[0].toUpperCase() + tier.slice(1) : 'No tier';
}
