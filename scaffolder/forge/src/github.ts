import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { body, Handler, json, REPOSITORY } from './routes';

/** What somebody asked to be merged. */
export interface PullRequest {
  owner: string;
  repo: string;
  title: string;
  body: string;
  head: string;
  base: string;
}

interface TreeEntry {
  path: string;
  mode: string;
  sha: string;
}

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

async function sent(request: Parameters<Handler>[0]): Promise<any> {
  return JSON.parse((await body(request)).toString());
}

/** A tree with these files over another. */
async function write(
  folder: string,
  base: string,
  entries: TreeEntry[],
): Promise<string> {
  const aside = await mkdtemp(join(tmpdir(), 'forge-'));
  try {
    const index = { GIT_INDEX_FILE: join(aside, 'index') };
    await git(folder, ['read-tree', base], '', index);
    const lines = entries.map(
      ({ mode, sha, path }) => `${mode} ${sha}\t${path}\n`,
    );
    const update = ['update-index', '--add', '--index-info'];
    await git(folder, update, lines.join(''), index);
    return await git(folder, ['write-tree'], '', index);
  } finally {
    await rm(aside, { recursive: true });
  }
}

async function git(
  folder: string,
  args: string[],
  input: string | Buffer = '',
  environment: Record<string, string> = {},
): Promise<string> {
  const child = spawn('git', ['-C', folder, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: {
      PATH: process.env.PATH,
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_AUTHOR_NAME: 'Portal',
      GIT_AUTHOR_EMAIL: 'portal@example.com',
      GIT_COMMITTER_NAME: 'Portal',
      GIT_COMMITTER_EMAIL: 'portal@example.com',
      ...environment,
    },
  });
  const ended = new Promise<number | null>(done => child.once('close', done));
  // One that fails may not have read it; its code says so.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const said = await text(child.stdout);
  if ((await ended) !== 0) throw new Error(`git ${args[0]} failed`);
  return said.trim();
}
