import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Portal } from './portal';

/** `make portal`: until it is interrupted or ended, and nothing of it is left then. */
async function main() {
  const folder = mkdtempSync(join(tmpdir(), 'goldenpath-portal-'));
  process.once('exit', () =>
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 }),
  );
  const ended = new Promise<void>(resolve => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => resolve());
    }
  });
  const port = Number(process.env.PORTAL_PORT ?? 7007);
  const portal = await Promise.race([Portal.start(folder, { port }), ended]);
  if (portal) {
    process.stdout.write(
      `\nBackstage's API is at ${portal.url}, the forge at ${portal.forge.url}, and all files are in ${folder}\n` +
        'To try "Adopt the golden path" there is a repository that has nothing of it: owner acme, repository parcels\n',
    );
    await ended;
    await portal.stop();
  }
  process.exit(0);
}

main().catch(error => {
  process.stderr.write(`${error}\n`);
  process.exit(1);
});
