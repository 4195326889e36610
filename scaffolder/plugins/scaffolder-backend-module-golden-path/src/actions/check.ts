import {
  LoggerService,
  resolveSafeChildPath,
} from '@backstage/backend-plugin-api';
import { createTemplateAction } from '@backstage/plugin-scaffolder-node';
import {
  check,
  failing,
  Python,
  Report,
} from '@goldenpath/backstage-plugin-golden-path-node';
import { examples } from './check.examples';

/**
 * Judges what is in the workspace, and ends the task where it is below its tier.
 *
 * @public
 */
export function createCheckAction(options: {
  python: Python;
  contract?: string;
}) {
  const { python } = options;

  return createTemplateAction({
    id: 'goldenpath:check',
    description:
      'Judges the workspace by the platform contract, and fails the task where it is below the tier asked for.',
    examples,
    supportsDryRun: true,
    schema: {
      input: {
        path: z =>
          z
            .string()
            .optional()
            .describe('What to judge in the workspace; default: all of it'),
        tier: z =>
          z
            .string()
            .regex(/^[a-z][a-z0-9-]*$/)
            .optional()
            .describe("What must be met; default: the contract's lowest tier"),
        contract: z =>
          z
            .string()
            .optional()
            .describe(
              'The platform contract, a name or a file; default: goldenpath.contract of the configuration',
            ),
      },
      output: {
        tier: z => z.string().describe('The tier that is reached'),
        summary: z => z.string().describe('The scorecard as Markdown'),
      },
    },
    async handler(ctx) {
      const { tier, path = '.', contract = options.contract } = ctx.input;
      const { met, report } = await check(python, {
        path: resolveSafeChildPath(ctx.workspacePath, path),
        contract,
        tier,
        signal: ctx.signal,
      });
      const wanted = tier ?? report.contract.tiers[0];
      log(report, wanted, ctx.logger);
      if (!met) {
        const ids = unmet(report, wanted).map(({ id }) => id);
        throw new Error(
          `Not published: it is below ${wanted}${
            ids.length ? ` (${ids.join(', ')})` : ''
          }. The log above says how to mend each.`,
        );
      }
      ctx.output('tier', report.tier ?? '');
      ctx.output('summary', summary(report));
    },
  });
}

function unmet(report: Report, tier: string) {
  return report.components.flatMap(component =>
    failing(report, component, tier),
  );
}

function log(report: Report, wanted: string, logger: LoggerService) {
  const { name, version } = report.contract;
  logger.info(
    `${
      report.tier ?? 'no tier'
    } by the contract ${name} ${version}; ${wanted} is asked for`,
  );
  if (!report.components.length) logger.error('It declares no component');
  for (const result of unmet(report, wanted)) {
    const { tier, id, fix } = result;
    const place = result.evidence[0];
    const lines = [
      `✗ ${tier} ${id}: ${result.summary}`,
      place && `  ${place.path}:${place.line}: ${place.text}`,
      fix && `  Fix: ${fix.summary}`,
      fix?.docs && `  ${fix.docs}`,
    ];
    logger.error(lines.filter(Boolean).join('\n'));
  }
}

function summary(report: Report): string {
  const rows = report.components.flatMap(({ checks }) =>
    checks.map(({ tier, id, verdict }) => `| ${tier} | ${id} | ${verdict} |`),
  );
  return [
    `**${report.tier ?? 'no tier'}** by ${report.contract.name} ${
      report.contract.version
    }`,
    '',
    '| Tier | Check | Verdict |',
    '| --- | --- | --- |',
    ...rows,
  ].join('\n');
}
