import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { scratch } from 'forge';
import { Portal, until } from './portal';
import { factsOf, HANGING, impatience, populate, scan } from './scan';

// benchmarks/scaffolder.py takes 200 everywhere.
const COMPONENTS = process.env.CI ? 200 : 40;

describe(`${COMPONENTS} components, the source of one of which hangs`, () => {
  const folder = scratch();
  let portal: Portal;

  before(async () => {
    portal = await Portal.start(folder, {
      suite: process.env.GOLDENPATH_SUITE,
      quiet: !process.env.PORTAL_LOG,
      configs: [await impatience(folder, 5)],
    });
    await populate(portal, folder, COMPONENTS);
  });

  after(() => portal?.stop());

  it('are all judged, and the one is unknown, with the reason', async () => {
    await scan(portal, 600);
    const hanging = await factsOf(portal, HANGING);
    assert.match(hanging.facts.reason, /not read within 5 seconds/);
    assert.equal(hanging.facts['owner-declared'], 'unknown');
    for (let number = 1; number < COMPONENTS; number++) {
      const { facts } = await factsOf(portal, `service-${number}`);
      assert.deepEqual([facts.reason, facts['owner-declared']], ['', 'pass']);
    }
  });

  it('cost one conditional read each where nothing has changed', async () => {
    const { asked } = await scan(portal, 60);
    assert.equal(asked.length, COMPONENTS);
    assert.ok(asked.every(what => what.includes('/git/commits/main')));
  });

  it('leave no folder behind', async () => {
    // A reader that hung gives its folder back only when it has been ended; a busy machine takes its time over that.
    const left = () =>
      readdirSync(join(folder, 'tmp')).filter(name => !name.startsWith('tsx-'));
    await until('each folder is gone', 240, async () => !left().length).catch(
      error => assert.fail(`${error.message}, but not ${left().join(', ')}`),
    );
  });
});
