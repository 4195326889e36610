import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Forge, git } from 'forge';

const execute = promisify(execFile);

/** Replaces text in a file, which must be there. */
export async function edit(
  file: string,
  replacements: [string, string][],
): Promise<void> {
  let text = await readFile(file, 'utf8');
  for (const [before, after] of replacements) {
    if (!text.includes(before)) throw new Error(`${file} has no ${before}`);
    text = text.replace(before, after);
  }
  await writeFile(file, text);
}

/** Commits everything, tags it, and makes it what services are made from. */
export async function release(
  suite: string,
  forge: Forge,
  tag: string,
): Promise<void> {
  await git(suite, 'add', '--all');
  await git(suite, 'commit', '--quiet', `--message=feat: ${tag}`);
  await git(suite, 'tag', tag);
  await forge.push(
    suite,
    'platform',
    'golden-path',
    'HEAD:refs/heads/main',
    `refs/tags/${tag}`,
  );
}

/**
 * A fork of the suite, as an organisation has it whose forge is a Gitea: its own host and organisation, and addresses
 * of files as Gitea spells them.
 */
export async function fork(
  source: string,
  suite: string,
  forge: Forge,
  github: Forge,
  python: string,
): Promise<void> {
  await git('.', 'clone', '--quiet', '--no-tags', source, suite);
  const questions = join(suite, 'templates', 'questions');
  const partials = join(suite, 'templates', 'partials');
  await edit(join(questions, 'organization.yml'), [
    [
      'default: https://github.com/goldenpath-dev/goldenpath',
      `default: ${forge.url}/platform/golden-path.git`,
    ],
    ['default: github.com', `default: ${forge.host}`],
  ]);
  await edit(join(questions, 'derived.yml'), [
    ['https://{= gitlab_host', 'http://{= gitlab_host'],
    ['{= source_path =}/blob/', '{= source_path =}/src/branch/'],
  ]);
  await edit(join(partials, 'catalog-info.yaml.jinja'), [
    ['{= source_path =}/tree/', '{= source_path =}/src/branch/'],
  ]);
  await execute(python, ['-m', 'goldenpath', 'authoring', 'compile', suite]);
  await adoptOnGitHub(suite, forge, github);
  await release(suite, forge, 'v1.0.0');
}

/**
 * Lets the Template that adopts ask for repositories of the forge as if it were a GitHub: of a Gitea Backstage can make
 * no pull request, and goldenpath adopts by https alone. A service says that it is where an address has no port.
 */
async function adoptOnGitHub(
  suite: string,
  forge: Forge,
  github: Forge,
): Promise<void> {
  const form = join(suite, 'scaffolder/templates/adopt-golden-path.yaml');
  await edit(form, [
    [
      `url: ${forge.url}/platform/golden-path.git`,
      `url: ${github.url}/platform/golden-path`,
    ],
    [`- ${forge.host}`, `- ${github.host}`],
    [
      '        values:\n',
      "        values:\n          adopted_url: https://github.com/acme/${{ parameters.repoUrl | parseRepoUrl | pick('repo') }}\n",
    ],
  ]);
}

/** A service that was there before the golden path, as a repository of the forge. */
export async function existing(folder: string, forge: Forge): Promise<void> {
  const tree = join(folder, 'parcels');
  await mkdir(tree);
  await writeFile(join(tree, 'README.md'), '# parcels\n');
  await writeFile(join(tree, 'Dockerfile'), 'FROM scratch\n');
  await git(tree, 'init', '--quiet', '--initial-branch=main');
  await git(tree, 'add', '--all');
  await git(tree, 'commit', '--quiet', '--message=feat: begin');
  await forge.push(tree, 'acme', 'parcels', 'main');
}
