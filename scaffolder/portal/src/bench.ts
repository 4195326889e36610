import { scratch } from 'forge';
import { Portal } from './portal';
import { impatience, populate, scan, Scan } from './scan';

/** `benchmarks/scaffolder.py`: so many components are judged, then asked about again, and what that took is JSON. */
async function main(count: number) {
  const folder = scratch();
  const portal = await Portal.start(folder, {
    quiet: true,
    configs: [await impatience(folder, 5)],
  });
  try {
    await populate(portal, folder, count);
    const figures = ({ asked, ...rest }: Scan) => ({
      ...rest,
      reads: asked.length,
    });
    const first = figures(await scan(portal, 900));
    const second = figures(await scan(portal, 300));
    process.stdout.write(`${JSON.stringify({ first, second })}\n`);
  } finally {
    await portal.stop();
  }
}

main(Number(process.argv[2])).then(
  () => process.exit(0),
  error => {
    process.stderr.write(`${error}\n`);
    process.exit(1);
  },
);
