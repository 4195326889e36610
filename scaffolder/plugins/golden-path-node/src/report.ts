/**
 * The part of goldenpath's report that is shown in Backstage; docs/report.schema.json has all of it.
 *
 * @public
 */
export interface Report {
  apiVersion: 'goldenpath.dev/report/v1';
  repository: { location: string; commit: string | null; folder: string };
  contract: { name: string; version: string; tiers: string[] };
  tier: string | null;
  components: ComponentScore[];
}

/** @public */
export interface ComponentScore {
  ref: string | null;
  in_scope: boolean;
  tier: string | null;
  working_on: string | null;
  checks: CheckResult[];
  next: null | {
    check: string;
    tier: string;
    summary: string;
    docs: string | null;
    command: string;
  };
}

/** @public */
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
  waiver: null | { state: string; reason: string; expires: string };
}

/** @public */
export interface Evidence {
  role: string;
  path: string;
  line: number;
  column: number;
  text: string;
}

/**
 * The checks that keep a component from a tier: required in it or in a lower one, neither met nor excused.
 *
 * @public
 */
export function failing(
  report: Report,
  component: ComponentScore,
  tier: string,
): CheckResult[] {
  const { tiers } = report.contract;
  const asked = tiers.slice(0, tiers.indexOf(tier) + 1);
  return component.checks.filter(
    check =>
      asked.includes(check.tier) &&
      check.level === 'required' &&
      (check.verdict === 'fail' || check.verdict === 'unknown') &&
      check.waiver?.state !== 'granted',
  );
}
