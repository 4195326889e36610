import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** A process, and its resident memory in MiB. */
export interface Process {
  pid: number;
  memory: number;
  command: string;
}

/** What a process has started, and what that has, as long as their parents live. */
export async function descendants(ancestor: number): Promise<Process[]> {
  const { stdout } = await execute('ps', ['-eo', 'pid=,ppid=,rss=,args=']);
  const all = stdout
    .split('\n')
    .filter(Boolean)
    .map(line => {
      const [pid, parent, rss, ...command] = line.trim().split(/\s+/);
      return {
        pid: Number(pid),
        parent: Number(parent),
        memory: Number(rss) / 1024,
        command: command.join(' '),
      };
    });
  const below = (parent: number): Process[] =>
    all
      .filter(process => process.parent === parent)
      .flatMap(({ pid, memory, command }) => [
        { pid, memory, command },
        ...below(pid),
      ]);
  return below(ancestor);
}

export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
