import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Portal } from './portal';

/** `make portal`: until it is interrupted. */
async function main() {
  const folder = mkdtempSync(join(tmpdir(), 'goldenpath-portal-'));
  const portal = await Portal.start(folder, { port: 7007 });
  process.stdout.write(
    `\nBackstage's API is at ${portal.url}, the forge at ${portal.forge.url}, and all files are in ${folder}\n`,
  );
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => portal.stop().then(() => process.exit(0)));
  }
}

main().catch(error => {
  process.stderr.write(`${error}\n`);
  process.exit(1);
});
