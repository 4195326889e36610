import { Config, readDurationFromConfig } from '@backstage/config';
import { isError, toError } from '@backstage/errors';
import { durationToMilliseconds } from '@backstage/types';
import { absolute } from './absolute';
import { ProgramError, run, Run, RunOptions } from './run';
import { withTemporaryFolder } from './temporary';

/** What is needed, and how it is had. */
const NEEDED = {
  python: '3.11',
  copier: '9.19.0',
  goldenpath: '0.3.0',
};

const INSTALL = "pip install 'goldenpath[templates]'";

/** The parts of the backend's environment that programs need to work; none holds a secret. */
const PASSED_ON = [
  'PATH',
  'LANG',
  'LC_ALL',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
  'http_proxy',
  'https_proxy',
  'no_proxy',
  'SSL_CERT_FILE',
  'GIT_SSL_CAINFO',
];

const PROBE = `
import json, platform
from importlib import metadata
found = {"python": platform.python_version()}
for name in ("copier", "goldenpath"):
    try:
        found[name] = metadata.version(name)
    except metadata.PackageNotFoundError:
        found[name] = None
print(json.dumps(found))
`;

type Found = Record<keyof typeof NEEDED, string | null>;

/** @public */
export interface PythonOptions {
  /** A path, or a name on PATH. */
  program: string;
  timeoutMs: number;
  maxOutputBytes: number;
}

/**
 * The Python that has goldenpath and Copier installed.
 *
 * @public
 */
export class Python {
  #found: Promise<Found> | undefined;

  static fromConfig(config: Config): Python {
    const settings = config.getOptionalConfig('goldenpath');
    return new Python({
      program: absolute(settings?.getOptionalString('python') ?? 'python3'),
      timeoutMs: settings?.has('timeout')
        ? durationToMilliseconds(
            readDurationFromConfig(settings, { key: 'timeout' }),
          )
        : 5 * 60_000,
      maxOutputBytes: 16 * 1024 * 1024,
    });
  }

  constructor(private readonly options: PythonOptions) {}

  /**
   * Runs a module (`python -m`), isolated from what lies in the working directory and from the user's own packages.
   *
   * Rejects with a ProgramError that says what to install where it is missing or too old.
   */
  async module(
    name: 'copier' | 'goldenpath',
    args: readonly string[],
    options: Pick<RunOptions, 'cwd' | 'signal' | 'onLine'> & {
      env?: Record<string, string>;
    } = {},
  ): Promise<Run> {
    await this.#require(name);
    try {
      return await this.#run(['-I', '-m', name, ...args], options);
    } catch (error) {
      throw isError(error) && error.reason === 'missing'
        ? this.#doesNotWork(error.message)
        : error;
    }
  }

  /** Runs a program beside Python, by the same bounds and with the same environment. */
  async program(
    name: 'git',
    args: readonly string[],
    options: Pick<RunOptions, 'cwd' | 'signal'> & {
      env?: Record<string, string>;
    } = {},
  ): Promise<Run> {
    return this.#run(args, options, name);
  }

  async #require(name: 'copier' | 'goldenpath') {
    this.#found ??= this.#probe();
    // What is installed while the backend runs is found at the next try.
    const found = await this.#found.catch(error => {
      this.#found = undefined;
      throw error;
    });
    for (const part of ['python', name] as const) {
      const version = found[part];
      if (!version || isOlder(version, NEEDED[part])) {
        this.#found = undefined;
        const title = { python: 'Python', copier: 'Copier', goldenpath: part }[
          part
        ];
        throw new ProgramError(
          `${title} ${NEEDED[part]} or later is needed, and ${
            this.options.program
          } (goldenpath.python in the configuration) ${
            version ? `has ${version}` : 'has none'
          }: install it there with ${INSTALL}`,
          'missing',
        );
      }
    }
  }

  async #probe(): Promise<Found> {
    try {
      const { code, stdout, stderr } = await this.#run(['-I', '-c', PROBE]);
      if (code === 0) return JSON.parse(stdout);
      throw new ProgramError(`it ends with code ${code}: ${stderr}`, 'missing');
    } catch (error) {
      throw this.#doesNotWork(toError(error).message);
    }
  }

  #doesNotWork(why: string): ProgramError {
    return new ProgramError(
      `Python ${NEEDED.python} or later with Copier and goldenpath is needed, and ${this.options.program} (goldenpath.python in the configuration) does not work: ${why}. Install Python, then: ${INSTALL}`,
      'missing',
    );
  }

  async #run(
    args: readonly string[],
    options: Partial<RunOptions> = {},
    program = this.options.program,
  ): Promise<Run> {
    const { timeoutMs, maxOutputBytes } = this.options;
    // A program that is killed removes nothing of what it had put aside.
    return withTemporaryFolder(TMPDIR =>
      run(program, args, {
        ...options,
        timeoutMs,
        maxOutputBytes,
        env: { ...environment(), TMPDIR, ...options.env },
      }),
    );
  }
}

function environment(): Record<string, string> {
  const passedOn = PASSED_ON.flatMap(name => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value]];
  });
  return {
    ...Object.fromEntries(passedOn),
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    NO_COLOR: '1',
  };
}

function isOlder(version: string, needed: string): boolean {
  const parts = (text: string) =>
    text.split('.').map(part => parseInt(part, 10) || 0);
  const [mine, wanted] = [parts(version), parts(needed)];
  const differing = wanted.findIndex((part, at) => part !== (mine[at] ?? 0));
  return differing >= 0 && (mine[differing] ?? 0) < wanted[differing];
}
