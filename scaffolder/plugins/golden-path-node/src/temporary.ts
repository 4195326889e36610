import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Lends a folder, and removes it with all that is in it, however its use ends.
 *
 * A scaffolder's action says `ctx.createTemporaryDirectory` how to make it: the scaffolder removes what that made only
 * where the step succeeds.
 *
 * @public
 */
export async function withTemporaryFolder<T>(
  use: (folder: string) => Promise<T>,
  make = () => mkdtemp(join(tmpdir(), 'goldenpath-')),
): Promise<T> {
  const folder = await make();
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}
