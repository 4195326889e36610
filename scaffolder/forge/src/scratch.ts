import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

let base: string | undefined;

/** An empty folder for a test, which goes with the process. */
export function scratch(): string {
  if (!base) {
    const made = mkdtempSync(join(tmpdir(), 'goldenpath-test-'));
    process.once('exit', () => rmSync(made, { recursive: true, force: true }));
    base = made;
  }
  return mkdtempSync(join(base, 'scratch-'));
}
