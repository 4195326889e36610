import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { resolveSafeChildPath } from '@backstage/backend-plugin-api';
import { InputError } from '@backstage/errors';
import { ScmIntegrationRegistry } from '@backstage/integration';
import {
  createTemplateAction,
  parseRepoUrl,
} from '@backstage/plugin-scaffolder-node';
import {
  Python,
  withTemporaryFolder,
} from '@goldenpath/backstage-plugin-golden-path-node';
import { parse } from 'yaml';
import { asCopierKnowsIt, gitEnvironment } from '../git';
import { TemplateSource } from '../TemplateSource';
import { examples } from './copierCopy.examples';

const ANSWERS = '.copier-answers.yml';

// How Copier ends where the questionnaire refuses an answer.
const REFUSED =
  /ValueError: Validation error for question '(?<question>\w+)': (?<why>[\s\S]+)/;

/**
 * Renders a template with Copier, straight from its repository, so that the service keeps its update path.
 *
 * @public
 */
export function createCopierCopyAction(options: {
  python: Python;
  source: TemplateSource;
  integrations: ScmIntegrationRegistry;
}) {
  const { python, source, integrations } = options;

  return createTemplateAction({
    id: 'goldenpath:copier:copy',
    description:
      'Renders a Copier template from its git repository. The result can be updated with `copier update`.',
    examples,
    supportsDryRun: true,
    schema: {
      input: {
        url: z =>
          z
            .string()
            .describe(
              'The https address of the git repository that has the template',
            ),
        ref: z =>
          z
            .string()
            .regex(/^[A-Za-z0-9][\w./+-]*$/)
            .optional()
            .describe('A tag, branch or commit; default: the newest release'),
        values: z =>
          z
            .record(
              z.string(),
              z.union([z.string(), z.number(), z.boolean(), z.null()]),
            )
            .describe('The answers to the questionnaire, each with its type'),
        targetPath: z =>
          z
            .string()
            .optional()
            .describe('Where to write in the workspace; default: its root'),
        repoUrl: z =>
          z
            .string()
            .optional()
            .describe(
              'Where the result will be published: its repository must be called as the answer `name`, which the files spell',
            ),
      },
      output: {
        source: z => z.string().describe('Where the template came from'),
        version: z =>
          z
            .string()
            .describe('Its release or commit, as `copier update` will read it'),
        answers: z =>
          z
            .record(z.string(), z.any())
            .describe('Every answer that the service keeps, defaults too'),
      },
    },
    async handler(ctx) {
      const { url, ref, values, targetPath = '.', repoUrl } = ctx.input;
      const address = source.allowed(url);
      if (repoUrl) {
        const { repo } = parseRepoUrl(repoUrl, integrations);
        if (repo !== values.name) {
          throw new InputError(
            `The service is called ${values.name}, but its repository would be ${repo}: give both the same name`,
          );
        }
      }

      const target = resolveSafeChildPath(ctx.workspacePath, targetPath);
      ctx.logger.info(`Rendering ${address.href}${ref ? ` at ${ref}` : ''}`);
      const render = async (folder: string) => {
        const data = join(folder, 'answers.json');
        const answers = JSON.stringify(answered(values));
        await writeFile(data, answers, { mode: 0o600 });
        return python.module(
          'copier',
          [
            'copy',
            '--quiet',
            '--defaults',
            ...(ref ? ['--vcs-ref', ref] : []),
            '--data-file',
            data,
            '--',
            asCopierKnowsIt(address),
            target,
          ],
          {
            env: await gitEnvironment(integrations, address),
            signal: ctx.signal,
          },
        );
      };
      const { code, stderr } = await withTemporaryFolder(render, () =>
        ctx.createTemporaryDirectory(),
      );
      if (code !== 0) throw failure(stderr, code);

      const { _src_path, _commit, ...answers } = parse(
        await readFile(join(target, ANSWERS), 'utf8'),
      );
      ctx.logger.info(`Rendered ${_commit} of ${_src_path}`);
      ctx.output('source', _src_path);
      ctx.output('version', _commit);
      ctx.output('answers', answers);
    },
  });
}

/** What a form leaves empty is not answered, so the questionnaire's own default counts. */
function answered<T>(values: Record<string, T>): Record<string, T> {
  return Object.fromEntries(
    Object.entries(values).filter(
      ([, value]) => value !== '' && value !== null,
    ),
  );
}

function failure(stderr: string, code: number): Error {
  const refused = REFUSED.exec(stderr)?.groups;
  if (refused) {
    const why = refused.why.trim().replace(/\s+/g, ' ');
    return new InputError(`${refused.question}: ${why}`);
  }
  const last = stderr.trim().split('\n').slice(-5).join('\n');
  return new Error(`Copier ended with code ${code}: ${last}`);
}
