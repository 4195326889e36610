import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import {
  createServer,
  IncomingMessage,
  Server,
  ServerResponse,
} from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { git } from './git';
import { githubRoutes } from './github';
import { gitlabRoutes } from './gitlab';
import {
  Asked,
  Handler,
  json,
  NAME,
  PullRequest,
  REPOSITORY,
  sent,
} from './routes';

const execute = promisify(execFile);

interface Options {
  user: string;
  password: string;
  /** To be asked by https. */
  tls?: { key: string; cert: string };
}

/**
 * A forge on this machine. It answers as Gitea does where `publish:gitea` and the catalog ask, and git by
 * `git http-backend`. Everybody may read, and who knows the password may write.
 */
export class Forge {
  readonly #server: Server;
  /** What is not answered while it is so, as `GET /acme/shop`. */
  hangs?: RegExp;
  /** What is answered as by a server that is down. */
  refuses?: RegExp;
  /** What has been proposed by GitHub's API or GitLab's. */
  readonly pullRequests: PullRequest[] = [];
  /** Hears what is asked. */
  onRequest?: (asked: string) => void;

  static async start(root: string, options: Options): Promise<Forge> {
    const forge = new Forge(root, options);
    await new Promise<void>(resolve =>
      forge.#server.listen(0, '127.0.0.1', resolve),
    );
    return forge;
  }

  private constructor(
    private readonly root: string,
    private readonly options: Options,
  ) {
    const listener = (request: IncomingMessage, response: ServerResponse) => {
      const asked = `${request.method} ${request.url}`;
      this.onRequest?.(asked);
      if (this.hangs?.test(asked)) return;
      if (this.refuses?.test(asked)) {
        response.writeHead(503).end();
        return;
      }
      this.#answer(request, response).catch(error => {
        if (!response.headersSent) response.writeHead(500);
        response.end(String(error));
      });
    };
    this.#server = options.tls
      ? createSecureServer(options.tls, listener)
      : createServer(listener);
  }

  get host(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get url(): string {
    return `${this.options.tls ? 'https' : 'http'}://${this.host}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise(resolve => this.#server.close(resolve));
  }

  /** Makes a repository, or finds it made. */
  async create(owner: string, repo: string): Promise<void> {
    const folder = this.#folder(owner, repo);
    await mkdir(folder, { recursive: true });
    await git(folder, 'init', '--quiet', '--bare', '--initial-branch=main');
    await git(folder, 'config', 'http.receivepack', 'true');
    await git(folder, 'config', 'uploadpack.allowFilter', 'true');
  }

  /** Puts a commit, and the tag that is named, where they can be cloned from. */
  async push(
    tree: string,
    owner: string,
    repo: string,
    ...refs: string[]
  ): Promise<void> {
    await this.create(owner, repo);
    await git(tree, 'push', '--quiet', this.#folder(owner, repo), ...refs);
  }

  #folder(owner: string, repo: string): string {
    return join(this.root, owner, `${repo}.git`);
  }

  async #answer(
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const url = new URL(request.url ?? '/', this.url);
    for (const [route, handle] of this.#routes) {
      const found = route.exec(`${request.method} ${url.pathname}`);
      if (found) {
        const asked = { ...(found.groups as unknown as Asked), url };
        const { owner = '', repo = '' } = asked;
        const folder = this.#folder(owner, repo);
        await handle(request, response, { ...asked, folder });
        return;
      }
    }
    response.writeHead(404).end();
  }

  readonly #routes: [RegExp, Handler][] = [
    [
      new RegExp(`^GET /api/v1/orgs/(?<owner>${NAME})$`),
      async (_, response, { owner }) => json(response, 200, { name: owner }),
    ],
    [
      new RegExp(`^POST /api/v1/orgs/(?<owner>${NAME})/repos$`),
      async (request, response, { owner }) => {
        if (!this.#mayWrite(request)) return json(response, 401, {});
        const { name } = await sent(request);
        if (existsSync(this.#folder(owner, name))) {
          return json(response, 409, { message: 'it exists already' });
        }
        await this.create(owner, name);
        return json(response, 201, { name });
      },
    ],
    [
      new RegExp(`^GET /${REPOSITORY}/src/branch/(?<ref>[^/]+)`),
      async (_, response, { folder, ref }) => {
        response.writeHead((await exists(folder, ref)) ? 200 : 404).end();
      },
    ],
    [
      new RegExp(`^GET /api/v1/repos/${REPOSITORY}/git/commits/(?<ref>[^/]+)$`),
      async (_, response, { folder, ref }) => {
        if (!(await exists(folder, ref))) return json(response, 404, {});
        const sha = await git(folder, 'rev-parse', ref);
        return json(response, 200, { sha });
      },
    ],
    [
      new RegExp(`^GET /api/v1/repos/${REPOSITORY}/contents/(?<path>.+)$`),
      async (_, response, { folder, path, url }) => {
        const object = `${url.searchParams.get('ref')}:${path}`;
        if (!(await exists(folder, object))) return json(response, 404, {});
        const content = await bytes(folder, 'cat-file', 'blob', object);
        return json(response, 200, {
          encoding: 'base64',
          content: content.toString('base64'),
        });
      },
    ],
    [
      new RegExp(
        `^GET /api/v1/repos/${REPOSITORY}/archive/(?<ref>.+)\\.tar\\.gz$`,
      ),
      async (_, response, { folder, repo, ref }) => {
        if (!(await exists(folder, ref))) return json(response, 404, {});
        const archive = ['archive', '--format=tar.gz', `--prefix=${repo}/`];
        response.writeHead(200, { 'Content-Type': 'application/gzip' });
        response.end(await bytes(folder, ...archive, ref));
        return undefined;
      },
    ],
    [
      new RegExp(
        `^(GET|POST) /${REPOSITORY}\\.git/(info/refs|git-(upload|receive)-pack)$`,
      ),
      (request, response, { url }) => this.#git(request, response, url),
    ],
    [
      new RegExp(
        `^GET /${REPOSITORY}/(pull|-/merge_requests)/(?<number>\\d+)$`,
      ),
      async (_, response, { folder, number }) => {
        const proposed = this.pullRequests[Number(number) - 1];
        if (!proposed) return json(response, 404, {});
        const { title, body, base } = proposed;
        const head = proposed.head.split(':').pop();
        const diff = await git(folder, 'diff', `${base}...${head}`);
        response.writeHead(200, {
          'Content-Type': 'text/plain; charset=utf-8',
        });
        response.end([title, body, diff].join('\n\n'));
        return undefined;
      },
    ],
    ...githubRoutes(this.pullRequests),
    ...gitlabRoutes(this.pullRequests),
  ];

  #mayWrite(request: IncomingMessage): boolean {
    const { user, password } = this.options;
    const expected = Buffer.from(`${user}:${password}`).toString('base64');
    const given = request.headers.authorization ?? '';
    return given.replace(/^basic /i, '') === expected;
  }

  async #git(
    request: IncomingMessage,
    response: ServerResponse,
    url: URL,
  ): Promise<void> {
    if (url.href.includes('git-receive-pack') && !this.#mayWrite(request)) {
      response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="forge"' });
      response.end();
      return;
    }
    const backend = spawn('git', ['http-backend'], {
      env: {
        PATH: process.env.PATH,
        GIT_PROJECT_ROOT: this.root,
        GIT_HTTP_EXPORT_ALL: '1',
        GIT_CONFIG_GLOBAL: '/dev/null',
        GIT_CONFIG_NOSYSTEM: '1',
        GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
        HTTP_CONTENT_ENCODING: String(
          request.headers['content-encoding'] ?? '',
        ),
        CONTENT_TYPE: String(request.headers['content-type'] ?? ''),
        PATH_INFO: url.pathname,
        QUERY_STRING: url.search.slice(1),
        REMOTE_USER: this.options.user,
        REQUEST_METHOD: request.method,
      },
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    request.pipe(backend.stdin);
    const output: Buffer[] = [];
    for await (const chunk of backend.stdout) output.push(chunk);
    const answer = Buffer.concat(output);
    const end = answer.indexOf('\r\n\r\n');
    const headers = new Map(
      answer
        .subarray(0, end)
        .toString()
        .split('\r\n')
        .map(line => line.split(': ', 2) as [string, string]),
    );
    const status = parseInt(headers.get('Status') ?? '200', 10);
    headers.delete('Status');
    response.writeHead(status, Object.fromEntries(headers));
    response.end(answer.subarray(end + 4));
  }
}

async function exists(folder: string, object: string): Promise<boolean> {
  return git(folder, 'cat-file', '-e', object).then(
    () => true,
    () => false,
  );
}

async function bytes(folder: string, ...args: string[]): Promise<Buffer> {
  const { stdout } = await execute('git', ['-C', folder, ...args], {
    encoding: 'buffer',
    maxBuffer: 256 * 1024 * 1024,
  });
  return stdout;
}
