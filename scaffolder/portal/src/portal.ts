import { ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { AddressInfo, createServer } from 'node:net';
import { delimiter, dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { certificate, Forge } from 'forge';
import { existing, fork } from './suite';

const execute = promisify(execFile);

// eslint-disable-next-line no-restricted-syntax
export const ROOT = resolve(__dirname, '../../..');
export const PYTHON =
  process.env.GOLDENPATH_PYTHON ?? join(ROOT, '.venv', 'bin', 'python');

const TOKEN = 'a-token-for-one-machine-only';
const ACCOUNT = { user: 'robot', password: 'robot-password' };

interface Options {
  /** Where the suite is forked from. */
  suite?: string;
  port?: number;
  /** Whether the backend's log is not shown. */
  quiet?: boolean;
  /** What goldenpath and Copier are run with. */
  python?: string;
  /** More files of configuration. */
  configs?: string[];
}

/** A forge with a fork of the suite, and a Backstage that knows it: all below one folder, and on this machine only. */
export class Portal {
  static async start(folder: string, options: Options = {}): Promise<Portal> {
    await mkdir(folder, { recursive: true });
    const repositories = join(folder, 'forge');
    const forge = await Forge.start(repositories, ACCOUNT);
    const tls = certificate(folder);
    const github = await Forge.start(repositories, { ...ACCOUNT, tls });
    const suite = join(folder, 'suite');
    await fork(options.suite ?? ROOT, suite, forge, github, PYTHON);
    await existing(folder, forge);
    const port = options.port ?? (await freePort());
    const backend = await startBackend(
      folder,
      {
        FORGE_HOST: forge.host,
        FORGE_URL: forge.url,
        GITHUB_HOST: github.host,
        GIT_SSL_CAINFO: tls.path,
      },
      port,
      options,
    );
    const portal = new Portal(
      forge,
      github,
      suite,
      `http://127.0.0.1:${port}`,
      backend,
    );
    try {
      await portal.#ready();
    } catch (error) {
      await portal.stop();
      throw error;
    }
    return portal;
  }

  private constructor(
    readonly forge: Forge,
    /** The same repositories by https, as of a host that is a GitHub. */
    readonly github: Forge,
    readonly suite: string,
    readonly url: string,
    readonly backend: ChildProcess,
  ) {}

  /** Asks the backend as the service that TOKEN stands for, and returns its answer. */
  async ask(path: string, body?: object): Promise<any> {
    const response = await fetch(`${this.url}/api/${path}`, {
      method: body ? 'POST' : 'GET',
      body: body && JSON.stringify(body),
      headers: {
        Authorization: `Bearer ${TOKEN}`,
        'Content-Type': 'application/json',
      },
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${path}: ${response.status} ${text}`);
    return text ? JSON.parse(text) : undefined;
  }

  /** Starts a task as the wizard does, and returns its id. */
  async begin(template: string, values: object): Promise<string> {
    const templateRef = `template:default/${template}`;
    const { id } = await this.ask('scaffolder/v2/tasks', {
      templateRef,
      values,
    });
    return id;
  }

  /** Waits for the end of a task: how it ended, what it logged, and what it gave. */
  async ended(id: string) {
    const task = `scaffolder/v2/tasks/${id}`;
    const { status } = await until(`the task ${id} ends`, 90, async () => {
      const found = await this.ask(task);
      return ['completed', 'failed', 'cancelled'].includes(found.status)
        ? found
        : undefined;
    });
    const events: any[] = await this.ask(`${task}/events`);
    const log = events.map(({ body }) => body.message).join('\n');
    const output = events.find(({ body }) => body.output)?.body.output;
    return { status, log, output };
  }

  /** An address by which git may write. */
  writable(owner: string, repo: string): string {
    const { user, password } = ACCOUNT;
    return `http://${user}:${password}@${this.forge.host}/${owner}/${repo}.git`;
  }

  async stop(): Promise<void> {
    const { backend } = this;
    if (backend.exitCode === null && backend.signalCode === null) {
      const ended = new Promise(done => backend.once('exit', done));
      backend.kill('SIGTERM');
      await Promise.race([ended, sleep(10_000)]);
      backend.kill('SIGKILL');
    }
    await this.forge.stop();
    await this.github.stop();
  }

  /** Waits until the catalog has the templates. */
  async #ready(): Promise<void> {
    await until('the templates are in the catalog', 180, async () => {
      if (this.backend.exitCode !== null) throw new Error('the backend ended');
      const found = await this.ask(
        'catalog/entities?filter=kind=template',
      ).catch(() => []);
      return found.length > 0;
    });
  }
}

/** Tries until something holds, and says what does not after some time. */
export async function until<T>(
  what: string,
  seconds: number,
  holds: () => Promise<T>,
): Promise<NonNullable<T>> {
  const end = Date.now() + seconds * 1000;
  while (Date.now() < end) {
    const found = await holds();
    if (found) return found;
    await sleep(500);
  }
  throw new Error(`Not within ${seconds} seconds: ${what}`);
}

async function startBackend(
  folder: string,
  hosts: Record<string, string>,
  port: number,
  { quiet, python = PYTHON, configs = [] }: Options,
): Promise<ChildProcess> {
  const { stdout } = await execute(PYTHON, [
    '-m',
    'goldenpath',
    'contract',
    'export',
    'tech-insights',
  ]);
  const temporary = join(folder, 'tmp');
  await mkdir(temporary);
  const scorecard = join(folder, 'app-config.golden-path.yaml');
  await writeFile(scorecard, stdout);
  const here = join(ROOT, 'scaffolder', 'portal');
  const backend = spawn(
    process.execPath,
    [
      ...['--import', 'tsx', join(here, 'src', 'index.ts')],
      ...[
        join(ROOT, 'scaffolder', 'app', 'app-config.yaml'),
        join(here, 'app-config.yaml'),
        scorecard,
        ...configs,
      ].flatMap(file => ['--config', file]),
    ],
    {
      cwd: here,
      stdio: ['ignore', quiet ? 'ignore' : 'inherit', 'inherit'],
      env: {
        ...process.env,
        // TechDocs runs the mkdocs that is beside goldenpath.
        PATH: [dirname(PYTHON), process.env.PATH].join(delimiter),
        TMPDIR: temporary,
        NODE_ENV: 'development',
        ...hosts,
        FORGE_USER: ACCOUNT.user,
        FORGE_PASSWORD: ACCOUNT.password,
        GOLDENPATH_PYTHON: python,
        PORTAL_PORT: String(port),
        PORTAL_TOKEN: TOKEN,
        TECHDOCS_FOLDER: join(folder, 'techdocs'),
      },
    },
  );
  // Also where this process ends before the backend is ready.
  process.once('exit', () => backend.kill('SIGTERM'));
  return backend;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  await new Promise(done => server.close(done));
  return port;
}
