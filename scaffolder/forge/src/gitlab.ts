import { git, write } from './objects';
import { Handler, json, NAME, PullRequest, sent } from './routes';

/** GitLab's API as `publish:gitlab:merge-request` uses it: objects and references are git's own. */
export function gitlabRoutes(made: PullRequest[]): [RegExp, Handler][] {
  const project = `(?<owner>${NAME})%2F(?<repo>${NAME})`;
  const route = (method: string, path: string): RegExp =>
    new RegExp(`^${method} /api/v4/projects/${project}${path}$`);

  return [
    [
      route('GET', ''),
      async (_, response) => json(response, 200, { default_branch: 'main' }),
    ],
    [
      route('GET', '/repository/tree'),
      async (_, response, { folder, url }) => {
        const ref = String(url.searchParams.get('ref'));
        const paths = await git(folder, ['ls-tree', '-r', '--name-only', ref]);
        json(
          response,
          200,
          paths.split('\n').map(path => ({ type: 'blob', path })),
        );
      },
    ],
    [
      // Whether there is one already, which it asks before it makes one.
      route('GET', '/repository/branches/[^/]+'),
      async (_, response) => json(response, 404, { message: 'not found' }),
    ],
    [
      route('POST', '/repository/branches'),
      async (request, response, { folder }) => {
        const { branch, ref } = await sent(request);
        await git(folder, ['update-ref', `refs/heads/${branch}`, ref, '']);
        json(response, 201, { name: branch });
      },
    ],
    [
      route('POST', '/repository/commits'),
      async (request, response, { folder }) => {
        const { branch, commit_message, actions } = await sent(request);
        const entries = [];
        for (const { file_path: path, content, execute_filemode } of actions) {
          const input = Buffer.from(content, 'base64');
          const store = ['hash-object', '-w', '--stdin'];
          const sha = await git(folder, store, input);
          entries.push({
            path,
            sha,
            mode: execute_filemode ? '100755' : '100644',
          });
        }
        const tree = await write(folder, branch, entries);
        const commit = ['commit-tree', tree, '-p', branch];
        const id = await git(folder, commit, commit_message);
        await git(folder, ['update-ref', `refs/heads/${branch}`, id]);
        json(response, 201, { id });
      },
    ],
    [
      route('POST', '/merge_requests'),
      async (request, response, { owner, repo, url }) => {
        const asked = await sent(request);
        made.push({
          owner,
          repo,
          title: asked.title,
          body: asked.description,
          head: asked.source_branch,
          base: asked.target_branch,
        });
        const iid = made.length;
        const web_url = `${url.origin}/${owner}/${repo}/-/merge_requests/${iid}`;
        json(response, 201, { iid, web_url });
      },
    ],
  ];
}
