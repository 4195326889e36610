import { ScmIntegrationRegistry } from '@backstage/integration';
import { parseRepoUrl } from '@backstage/plugin-scaffolder-node';
import { createTemplateFilter } from '@backstage/plugin-scaffolder-node/alpha';

/**
 * What a repository's host is in the configuration's `integrations`, so that a template can pick the action that
 * publishes there: github.example.com tells that to nobody by its name.
 */
export function createIntegrationTypeFilter(
  integrations: ScmIntegrationRegistry,
) {
  return createTemplateFilter({
    id: 'integrationType',
    description:
      'The type of integration that a repository URL of the RepoUrlPicker belongs to',
    schema: z =>
      z
        .function()
        .args(z.string().describe('A repository URL'))
        .returns(z.string()),
    examples: [
      {
        description: 'Publish to GitHub',
        example:
          "if: ${{ (parameters.repoUrl | integrationType) === 'github' }}",
      },
    ],
    filter: (repoUrl: string) => {
      const { host } = parseRepoUrl(repoUrl, integrations);
      return integrations.byHost(host)?.type ?? '';
    },
  });
}

/** The address of a file, where `repoContentsUrl` ends with a slash (Gitea) as where it does not. */
export function createFileUrlFilter() {
  return createTemplateFilter({
    id: 'fileUrl',
    description:
      'The address of a file in a repository, from the output repoContentsUrl of a publishing action',
    schema: z =>
      z
        .function()
        .args(
          z.string().describe('Where the contents of a repository are'),
          z.string().describe('The path of a file in it'),
        )
        .returns(z.string()),
    examples: [
      {
        description: 'Register what was published',
        example:
          "catalogInfoUrl: ${{ steps.publish.output.repoContentsUrl | fileUrl('catalog-info.yaml') }}",
      },
    ],
    filter: (contents: string, path: string) =>
      `${contents.replace(/\/$/, '')}/${path}`,
  });
}
