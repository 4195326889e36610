import { git, write } from './objects';
import { Handler, json, PullRequest, REPOSITORY, sent } from './routes';

/** GitHub's API as `publish:github:pull-request` uses it: objects and references are git's own. */
export function githubRoutes(made: PullRequest[]): [RegExp, Handler][] {
  const route = (method: string, path: string): RegExp =>
    new RegExp(`^${method} /api/v3/repos/${REPOSITORY}${path}$`);

  return [
    [
      route('GET', ''),
      async (_, response) =>
        json(response, 200, {
          default_branch: 'main',
          permissions: { push: true },
        }),
    ],
    [
      route('GET', '/commits'),
      async (_, response, { folder, url }) => {
        const sha = await git(folder, [
          'rev-parse',
          String(url.searchParams.get('sha')),
        ]);
        const tree = await git(folder, ['rev-parse', `${sha}^{tree}`]);
        json(response, 200, [{ sha, commit: { tree: { sha: tree } } }]);
      },
    ],
    [
      route('POST', '/git/blobs'),
      async (request, response, { folder }) => {
        const { content, encoding } = await sent(request);
        const input = Buffer.from(content, encoding);
        const sha = await git(folder, ['hash-object', '-w', '--stdin'], input);
        json(response, 201, { sha });
      },
    ],
    [
      route('POST', '/git/trees'),
      async (request, response, { folder }) => {
        const { base_tree, tree } = await sent(request);
        json(response, 201, { sha: await write(folder, base_tree, tree) });
      },
    ],
    [
      route('POST', '/git/commits'),
      async (request, response, { folder }) => {
        const { message, tree, parents } = await sent(request);
        const from = parents.flatMap((sha: string) => ['-p', sha]);
        const sha = await git(folder, ['commit-tree', tree, ...from], message);
        json(response, 201, { sha });
      },
    ],
    [
      route('POST', '/git/refs'),
      async (request, response, { folder }) => {
        const { ref, sha } = await sent(request);
        await git(folder, ['update-ref', ref, sha, '']);
        json(response, 201, { ref });
      },
    ],
    [
      route('POST', '/pulls'),
      async (request, response, { owner, repo, url }) => {
        const asked = await sent(request);
        made.push({ owner, repo, ...asked });
        json(response, 201, {
          number: made.length,
          html_url: `${url.origin}/${owner}/${repo}/pull/${made.length}`,
          base: { ref: asked.base },
        });
      },
    ],
    [
      // Whether there is one already, which it asks before it makes one.
      /^POST \/api\/graphql$/,
      async (_, response) =>
        json(response, 200, { data: { repository: { ref: null } } }),
    ],
  ];
}
