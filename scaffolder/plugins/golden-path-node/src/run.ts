import { spawn } from 'node:child_process';
import { CustomErrorBase } from '@backstage/errors';

/** @public */
export interface RunOptions {
  cwd?: string;
  /** The whole environment of the program: nothing of the backend's own is passed on. */
  env: Record<string, string>;
  /** Ends the program, and all that it has started, when it is aborted. */
  signal?: AbortSignal;
  timeoutMs: number;
  /** More than this on one stream ends the program. */
  maxOutputBytes: number;
  /** Called with each line of standard error as it comes, without colours. */
  onLine?: (line: string) => void;
}

/** @public */
export interface Run {
  code: number;
  stdout: string;
  stderr: string;
}

/**
 * A program that could not be started, or was ended before it was done.
 *
 * @public
 */
export class ProgramError extends CustomErrorBase {
  name = 'ProgramError' as const;

  constructor(
    message: string,
    readonly reason: 'missing' | 'aborted' | 'timeout' | 'output',
  ) {
    super(message);
  }
}

const GRACE_MS = 3_000;

// eslint-disable-next-line no-control-regex
const CONTROL = /\u001b\[[0-?]*[ -/]*[@-~]|[\u0000-\u0008\u000b-\u001f\u007f]/g;

/**
 * Runs a program without a shell, as the leader of a process group of its own.
 *
 * Resolves with its exit code, whatever that is. Whichever way it ends, nothing of its group outlives it.
 *
 * @public
 */
export async function run(
  program: string,
  args: readonly string[],
  options: RunOptions,
): Promise<Run> {
  const { signal, timeoutMs, maxOutputBytes, onLine } = options;
  if (signal?.aborted) {
    throw new ProgramError(`${program} was cancelled`, 'aborted');
  }

  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: options.cwd,
      env: options.env as NodeJS.ProcessEnv,
      detached: true,
      shell: false,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let ended: ProgramError | undefined;
    let grace: NodeJS.Timeout | undefined;

    const kill = (how: NodeJS.Signals) => {
      try {
        if (child.pid) process.kill(-child.pid, how);
      } catch {
        // nobody is left in the group
      }
    };
    const end = (message: string, reason: ProgramError['reason']) => {
      if (ended) return;
      ended = new ProgramError(message, reason);
      kill('SIGTERM');
      grace = setTimeout(() => kill('SIGKILL'), GRACE_MS);
    };
    const onAbort = () => end(`${program} was cancelled`, 'aborted');
    const timer = setTimeout(
      () =>
        end(
          `${program} took longer than ${timeoutMs / 1000} seconds`,
          'timeout',
        ),
      timeoutMs,
    );
    signal?.addEventListener('abort', onAbort, { once: true });

    const overflow = () =>
      end(`${program} printed more than ${maxOutputBytes} bytes`, 'output');
    const stdout = collect(child.stdout, maxOutputBytes, overflow);
    const stderr = collect(child.stderr, maxOutputBytes, overflow, onLine);

    const settle = () => {
      clearTimeout(timer);
      clearTimeout(grace);
      signal?.removeEventListener('abort', onAbort);
    };
    child.once('error', error => {
      settle();
      reject(
        new ProgramError(
          `${program} cannot be started: ${error.message}`,
          'missing',
        ),
      );
    });
    // What it has left running keeps the pipes open, so its exit counts and not their end.
    child.once('exit', () => kill('SIGKILL'));
    child.once('close', code => {
      settle();
      if (ended) reject(ended);
      else resolve({ code: code ?? 1, stdout: stdout(), stderr: stderr() });
    });
  });
}

function collect(
  stream: NodeJS.ReadableStream,
  maxBytes: number,
  overflow: () => void,
  onLine?: (line: string) => void,
): () => string {
  const chunks: string[] = [];
  let size = 0;
  let partial = '';
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    size += Buffer.byteLength(chunk);
    if (size > maxBytes) {
      overflow();
      return;
    }
    chunks.push(chunk);
    if (onLine) {
      const lines = (partial + chunk).split('\n');
      partial = lines.pop() ?? '';
      lines.map(plain).filter(Boolean).forEach(onLine);
    }
  });
  stream.on('end', () => {
    if (onLine && plain(partial)) onLine(plain(partial));
  });
  return () => chunks.join('');
}

function plain(line: string): string {
  return line.replace(CONTROL, '').trimEnd();
}
