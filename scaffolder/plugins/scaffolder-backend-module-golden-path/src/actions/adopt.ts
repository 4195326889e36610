import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { resolveSafeChildPath } from '@backstage/backend-plugin-api';
import { InputError } from '@backstage/errors';
import { ScmIntegrationRegistry } from '@backstage/integration';
import { createTemplateAction } from '@backstage/plugin-scaffolder-node';
import {
  check,
  Python,
  Report,
  withTemporaryFolder,
} from '@goldenpath/backstage-plugin-golden-path-node';
import { addressOf, asCopierKnowsIt, gitCommand, gitEnvironment } from '../git';
import { TemplateSource } from '../TemplateSource';
import { examples } from './adopt.examples';

/**
 * Writes what a repository lacks of the golden path to the workspace, for a pull request.
 *
 * @public
 */
export function createAdoptAction(options: {
  python: Python;
  integrations: ScmIntegrationRegistry;
  source: TemplateSource;
  contract?: string;
}) {
  const { python, integrations, source, contract } = options;

  return createTemplateAction({
    id: 'goldenpath:adopt',
    description:
      'Finds out what a repository lacks of the golden path, and writes those files, and no other, to the workspace.',
    examples,
    supportsDryRun: true,
    schema: {
      input: {
        repoUrl: z =>
          z.string().describe('The repository, as the RepoUrlPicker gives it'),
        url: z =>
          z
            .string()
            .describe(
              'The https address of the git repository that has the suite',
            ),
        ref: z =>
          z
            .string()
            .regex(/^[A-Za-z0-9][\w./+-]*$/)
            .optional()
            .describe('A release of the suite; default: the newest'),
        values: z =>
          z
            .record(z.string(), z.string())
            .optional()
            .describe('Answers instead of what the repository says'),
        targetPath: z =>
          z
            .string()
            .optional()
            .describe('Where to write in the workspace; default: its root'),
      },
      output: {
        files: z => z.array(z.string()).describe('The files that are added'),
        before: z => z.string().describe('The tier as it is'),
        after: z => z.string().describe('The tier with the files'),
        summary: z =>
          z
            .string()
            .describe('Both scorecards and the next steps, as Markdown'),
      },
    },
    async handler(ctx) {
      const { repoUrl, url, ref, values = {}, targetPath = '.' } = ctx.input;
      const suite = source.allowed(url);
      const repository = addressOf(repoUrl, integrations);
      const target = resolveSafeChildPath(ctx.workspacePath, targetPath);
      const env = await gitEnvironment(integrations, suite, repository);
      const { signal } = ctx;
      const git = gitCommand(python, { env, signal });
      const answers = Object.entries(values)
        .filter(([, value]) => value)
        .flatMap(([name, value]) => ['-d', `${name}=${value}`]);

      const adopt = async (folder: string) => {
        const clone = join(folder, 'repository');
        ctx.logger.info(`Reading ${repository.href}`);
        // All tags, for how releases are tagged, and of the files the newest alone.
        const sparingly = ['--quiet', '--filter=blob:none'];
        await git('clone', ...sparingly, '--', repository.href, clone);

        const judged = { path: clone, contract, signal };
        const before = await check(python, judged);
        const { code, stdout, stderr } = await python.module(
          'goldenpath',
          [
            ...['adopt', '--yes', '--source', asCopierKnowsIt(suite)],
            ...answers,
            ...(ref ? ['--to', ref] : []),
            ...(contract ? ['--contract', contract] : []),
          ],
          { cwd: clone, env, signal },
        );
        if (code !== 0) throw new InputError(stderr.trim());
        await git('-C', clone, 'add', '--all');
        const after = await check(python, judged);

        const added = ['diff', '--cached', '--name-only', '-z'];
        const files = (await git('-C', clone, ...added))
          .split('\0')
          .filter(Boolean);
        for (const file of files) {
          await cp(join(clone, file), resolveSafeChildPath(target, file));
        }
        ctx.logger.info(stdout);
        ctx.output('files', files);
        ctx.output('before', tierOf(before.report));
        ctx.output('after', tierOf(after.report));
        ctx.output('summary', summary(before.report, after.report, stdout));
      };
      await withTemporaryFolder(adopt, () => ctx.createTemporaryDirectory());
    },
  });
}

function tierOf(report: Report): string {
  return report.tier ?? 'no tier';
}

function summary(before: Report, after: Report, said: string): string {
  const was = new Map(
    before.components.flatMap(({ checks }) =>
      checks.map(({ id, verdict }) => [id, verdict]),
    ),
  );
  const rows = after.components.flatMap(({ checks }) =>
    checks.map(
      ({ tier, id, verdict }) =>
        `| ${tier} | ${id} | ${was.get(id) ?? ''} | ${verdict} |`,
    ),
  );
  return [
    `**${tierOf(before)}** before, **${tierOf(after)}** with these files, by ${
      after.contract.name
    } ${after.contract.version}.`,
    '',
    '| Tier | Check | Before | After |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
    '```text',
    said.trim(),
    '```',
  ].join('\n');
}
