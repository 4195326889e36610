import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

/** A file in a tree, as git's index takes it. */
export interface TreeEntry {
  path: string;
  mode: string;
  sha: string;
}

/** A tree with these files over another. */
export async function write(
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

/** Runs git in a repository, with something for it to read, and returns what it prints. */
export async function git(
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
