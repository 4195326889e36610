import { join } from 'node:path';
import { resolveSafeChildPath } from '@backstage/backend-plugin-api';
import { InputError } from '@backstage/errors';
import { ScmIntegrationRegistry } from '@backstage/integration';
import { createTemplateAction } from '@backstage/plugin-scaffolder-node';
import {
  ProgramError,
  Python,
  withTemporaryFolder,
} from '@goldenpath/backstage-plugin-golden-path-node';
import { addressOf, gitCommand, gitEnvironment } from '../git';
import { examples } from './published.examples';

/**
 * Finds out whether an earlier run of the task has published what is in the workspace, so that a task that failed
 * after it can be run again: the actions that publish fail where the repository exists.
 *
 * @public
 */
export function createPublishedAction(options: {
  python: Python;
  integrations: ScmIntegrationRegistry;
}) {
  const { python, integrations } = options;

  return createTemplateAction({
    id: 'goldenpath:published',
    description:
      'Finds out whether the repository has what is in the workspace already, and fails where it has something else.',
    examples,
    supportsDryRun: true,
    schema: {
      input: {
        repoUrl: z =>
          z.string().describe('The repository, as the RepoUrlPicker gives it'),
        defaultBranch: z =>
          z
            .string()
            .regex(/^[A-Za-z0-9][\w./+-]*$/)
            .optional()
            .describe('The branch that is published; default: main'),
        sourcePath: z =>
          z
            .string()
            .optional()
            .describe('What is published of the workspace; default: all of it'),
      },
      output: {
        published: z =>
          z.boolean().describe('Whether nothing is left to publish'),
        remoteUrl: z =>
          z
            .string()
            .optional()
            .describe('The repository, where it is published'),
        repoContentsUrl: z =>
          z
            .string()
            .optional()
            .describe('The root of its files, where it is published'),
      },
    },
    async handler(ctx) {
      const { repoUrl, defaultBranch = 'main', sourcePath = '.' } = ctx.input;
      const tree = resolveSafeChildPath(ctx.workspacePath, sourcePath);
      const address = addressOf(repoUrl, integrations);
      const env = await gitEnvironment(integrations, address);
      const git = gitCommand(python, { env, signal: ctx.signal });

      const isThere = async (folder: string) => {
        await git('init', '--quiet', folder);
        const beside = ['-C', tree, '--git-dir', join(folder, '.git')];
        await git(...beside, '--work-tree', '.', 'add', '--all');
        const ours = await git(...beside, 'write-tree');
        const branch = `refs/heads/${defaultBranch}`;
        const fetch = ['fetch', '--quiet', '--depth=1', '--', address.href];
        const theirs = await git('-C', folder, ...fetch, branch).then(
          () => git('-C', folder, 'rev-parse', 'FETCH_HEAD^{tree}'),
          absent,
        );
        if (theirs && theirs !== ours) {
          throw new InputError(
            `${address.href} exists, and its branch ${defaultBranch} holds something else: give another name, or remove that repository`,
          );
        }
        return theirs === ours;
      };
      const published = await withTemporaryFolder(isThere, () =>
        ctx.createTemporaryDirectory(),
      );
      ctx.output('published', published);
      if (published) {
        ctx.logger.info(`An earlier run has published ${address.href}`);
        ctx.output('remoteUrl', address.href);
        ctx.output(
          'repoContentsUrl',
          contentsUrl(address, defaultBranch, integrations),
        );
      }
    },
  });
}

/** What git could not fetch is not there: whether it may be made, the action that publishes finds out. */
function absent(error: Error): undefined {
  if (error instanceof ProgramError) throw error;
}

/** As the action that publishes on that kind of host gives it. */
function contentsUrl(
  address: URL,
  branch: string,
  integrations: ScmIntegrationRegistry,
): string {
  const repository = address.href.replace(/\.git$/, '');
  switch (integrations.byHost(address.host)?.type) {
    case 'gitea':
      return `${repository}/src/branch/${branch}/`;
    case 'gitlab':
      return `${repository}/-/blob/${branch}`;
    default:
      return `${repository}/blob/${branch}`;
  }
}
