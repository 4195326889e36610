import assert from 'node:assert/strict';
import { readdirSync, writeFileSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { git, scratch } from 'forge';
import { Portal, PYTHON, until } from './portal';
import { descendants, isAlive } from './processes';

const TEMPLATE = 'python-service';

describe('where something is missing, hangs, or is down', () => {
  const folder = scratch();
  const python = join(folder, 'python');
  const left = join(folder, 'tmp');
  let portal: Portal;

  before(async () => {
    writeFileSync(python, `#!/bin/sh\nexec '${PYTHON}' "$@"\n`, {
      mode: 0o755,
    });
    portal = await Portal.start(folder, {
      suite: process.env.GOLDENPATH_SUITE,
      quiet: !process.env.PORTAL_LOG,
      python,
    });
  });

  after(() => portal?.stop());

  const begin = (name: string) =>
    portal.begin(TEMPLATE, {
      name,
      owner: 'group:default/payments',
      oncall: 'PABC123',
      chat: '#payments',
      visibility: 'public',
      repoUrl: `${portal.forge.host}?owner=acme&repo=${name}`,
    });

  const again = (id: string) =>
    portal.ask(`scaffolder/v2/tasks/${id}/retry`, {});

  it('a task that failed after it had published is run again, and registers what is there', async () => {
    const { forge } = portal;
    forge.refuses = /acme\/orders-again\/contents/;
    const id = await begin('orders-again');
    const failed = await portal.ended(id);
    assert.equal(failed.status, 'failed', failed.log);
    assert.match(failed.log, /Finished step Publish it on Gitea/);
    const repository = join(folder, 'forge', 'acme', 'orders-again.git');
    const published = await git(repository, 'rev-parse', 'main');

    forge.refuses = undefined;
    await again(id);
    const { status, log, output } = await portal.ended(id);
    assert.equal(status, 'completed', log);
    assert.match(log, /An earlier run has published/);
    assert.equal(await git(repository, 'rev-parse', 'main'), published);
    const [{ url }, { entityRef }, runbook] = output.links;
    assert.equal(url, `${forge.url}/acme/orders-again.git`);
    assert.equal(entityRef, 'component:default/orders-again');
    assert.equal(runbook.url, '/docs/default/component/orders-again/runbook');
    await until('it is in the catalog', 60, () =>
      portal
        .ask('catalog/entities/by-name/component/default/orders-again')
        .catch(() => undefined),
    );
  });

  it('a repository that holds something else is neither published to nor registered', async () => {
    const id = await begin('orders-taken');
    assert.equal((await portal.ended(id)).status, 'completed');
    const clone = join(folder, 'taken');
    const address = portal.writable('acme', 'orders-taken');
    await git(folder, 'clone', '--quiet', address, clone);
    await git(clone, 'rm', '--quiet', 'docs/runbook.md');
    await git(clone, 'commit', '--quiet', '--message=docs: no runbook');
    await git(clone, 'push', '--quiet');

    const { status, log } = await portal.ended(await begin('orders-taken'));
    assert.equal(status, 'failed');
    assert.match(log, /orders-taken\.git exists, and its branch main holds/);
    assert.doesNotMatch(log, /Beginning step Publish/);
    assert.doesNotMatch(log, /Beginning step Register/);
  });

  it('a Python that has gone is named in the log of the task, with what to install', async () => {
    await rename(python, `${python}.gone`);
    const { status, log } = await portal.ended(await begin('orders-alone'));
    await rename(`${python}.gone`, python);
    assert.equal(status, 'failed');
    assert.match(log, /Python 3\.11 or later with Copier and goldenpath is/);
    assert.match(log, /pip install 'goldenpath\[templates\]'/);
  });

  it('a cancelled task leaves neither a process nor a file', async () => {
    const backend = portal.backend.pid!;
    const own = new Set((await descendants(backend)).map(({ pid }) => pid));
    const started = async () =>
      (await descendants(backend)).filter(({ pid }) => !own.has(pid));
    portal.forge.hangs = /platform\/golden-path.*upload-pack/;
    const id = await begin('orders-late');
    const running = await until('git waits for the forge', 30, async () => {
      const found = await started();
      return found.some(({ command }) => command.includes('git-remote-http'))
        ? found
        : undefined;
    });
    assert.ok(running.some(({ command }) => command.includes('copier')));
    await portal.ask(`scaffolder/v2/tasks/${id}/cancel`, {});
    await until(
      `none of ${running.map(({ pid }) => pid)} lives`,
      30,
      async () => running.every(({ pid }) => !isAlive(pid)),
    );
    portal.forge.hangs = undefined;
    assert.match((await portal.ended(id)).log, /was cancelled/);
    assert.deepEqual(await started(), []);
    // tsx has a cache there.
    const others = () =>
      readdirSync(left).filter(name => !name.startsWith('tsx-'));
    await until('its folders are gone', 10, async () => !others().length);
  });
});
