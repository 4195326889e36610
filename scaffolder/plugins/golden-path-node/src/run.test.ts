import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { ProgramError, run } from './run';

const BOUNDS = { env: {}, timeoutMs: 20_000, maxOutputBytes: 1_000 };

/** A shell that starts a process of its own, says its number, and waits for it. */
const PARENT = ['-c', 'sleep 60 & echo $! >&2; wait'];

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function isGone(pid: number): Promise<boolean> {
  for (let tries = 0; tries < 50 && isAlive(pid); tries++) await sleep(100);
  return !isAlive(pid);
}

describe('a program', () => {
  it('gives its code and what it prints, whatever the code', async () => {
    const ended = await run(
      '/bin/sh',
      ['-c', 'echo out; echo err >&2; exit 3'],
      BOUNDS,
    );
    assert.deepEqual(ended, { code: 3, stdout: 'out\n', stderr: 'err\n' });
  });

  it('gets its arguments as they are, and no environment but its own', async () => {
    process.env.GITHUB_TOKEN = 'secret';
    const script = 'echo "$1"; echo "[$GITHUB_TOKEN][$MINE]"';
    const { stdout } = await run(
      '/bin/sh',
      ['-c', script, 'sh', '$(id); `id`'],
      { ...BOUNDS, env: { MINE: 'yes' } },
    );
    assert.equal(stdout, '$(id); `id`\n[][yes]\n');
  });

  it('is heard line by line, without colours', async () => {
    const lines: string[] = [];
    await run(
      '/bin/sh',
      ['-c', String.raw`printf '\033[31mred\033[0m\nend' >&2`],
      {
        ...BOUNDS,
        onLine: line => lines.push(line),
      },
    );
    assert.deepEqual(lines, ['red', 'end']);
  });

  it('that is cancelled leaves nothing running', async () => {
    const cancel = new AbortController();
    let child = 0;
    const running = run('/bin/sh', PARENT, {
      ...BOUNDS,
      signal: cancel.signal,
      onLine: line => {
        child = Number(line);
        cancel.abort();
      },
    });
    await assert.rejects(running, { name: 'ProgramError', reason: 'aborted' });
    assert.ok(child && (await isGone(child)));
  });

  it('that has been cancelled before is not started', async () => {
    await assert.rejects(
      run('/bin/sh', PARENT, { ...BOUNDS, signal: AbortSignal.abort() }),
      { reason: 'aborted' },
    );
  });

  it('that takes too long leaves nothing running, even where it ignores signals', async () => {
    let child = 0;
    const running = run(
      '/bin/sh',
      ['-c', "trap '' TERM; sleep 60 & echo $! >&2; wait; wait"],
      { ...BOUNDS, timeoutMs: 300, onLine: line => (child = Number(line)) },
    );
    await assert.rejects(running, {
      message: '/bin/sh took longer than 0.3 seconds',
      reason: 'timeout',
    });
    assert.ok(child && (await isGone(child)));
  });

  it('that prints without end is ended', async () => {
    await assert.rejects(
      run('/bin/sh', ['-c', 'while :; do echo aaaaaaaaaaaaaaaa; done'], BOUNDS),
      { message: '/bin/sh printed more than 1000 bytes', reason: 'output' },
    );
  });

  it('that ends leaves nothing of its own behind', async () => {
    let child = 0;
    await run('/bin/sh', ['-c', 'sleep 60 & echo $! >&2'], {
      ...BOUNDS,
      onLine: line => (child = Number(line)),
    });
    assert.ok(child && (await isGone(child)));
  });

  it('that is not there is named', async () => {
    await assert.rejects(run('/nowhere/python', [], BOUNDS), (error: Error) => {
      assert.ok(error instanceof ProgramError);
      assert.match(
        error.message,
        /^\/nowhere\/python cannot be started: .*ENOENT/,
      );
      assert.equal(error.reason, 'missing');
      return true;
    });
  });
});
