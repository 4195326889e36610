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
  let portal: Portal | undefined;
  const end = async () => {
    await portal?.stop();
    process.exit(0);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, end);
  }
  const port = Number(process.env.PORTAL_PORT ?? 7007);
  portal = await Portal.start(folder, { port });
  process.stdout.write(
    `\nBackstage's API is at ${portal.url}, the forge at ${portal.forge.url}, and all files are in ${folder}\n`,
  );
}

main().catch(error => {
  process.stderr.write(`${error}\n`);
  process.exit(1);
});
