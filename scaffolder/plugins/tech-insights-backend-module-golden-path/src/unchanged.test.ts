import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { mockServices } from '@backstage/backend-test-utils';
import { Entity } from '@backstage/catalog-model';
import { ConfigReader } from '@backstage/config';
import { NotModifiedError } from '@backstage/errors';
import { ScmIntegrations } from '@backstage/integration';
import { Python } from '@goldenpath/backstage-plugin-golden-path-node';
import { createGoldenPathFactRetriever } from './factRetriever';

const ROOT = resolve(__dirname, '../../../..');
const PYTHON =
  process.env.GOLDENPATH_PYTHON ?? join(ROOT, '.venv', 'bin', 'python');

/** A retriever over these entities, whose sources are empty and at a commit that `at` names. */
function retriever(
  entities: Entity[],
  at: { commit: string },
  dir = async ({ targetDir }: { targetDir: string }) => targetDir,
  readTimeoutMs = 5_000,
) {
  const read: string[] = [];
  const urlReader = {
    readTree: async (url: string, { etag }: { etag?: string }) => {
      if (etag === at.commit) throw new NotModifiedError();
      read.push(url);
      return { etag: at.commit, dir };
    },
  };
  const config = new ConfigReader({ goldenpath: { python: PYTHON } });
  const made = createGoldenPathFactRetriever({
    auth: mockServices.auth(),
    catalog: { getEntities: async () => ({ items: entities }) } as any,
    integrations: ScmIntegrations.fromConfig(config),
    python: Python.fromConfig(config),
    settings: {
      version: '1.0.0',
      checks: ['owner-declared'],
      parallel: 2,
      readTimeoutMs,
    },
  });
  const handle = () =>
    made.handler({
      config,
      urlReader,
      logger: mockServices.rootLogger({ level: 'none' }),
    } as any);
  return { handle, read };
}

const shop = (owner: string): Entity => ({
  apiVersion: 'backstage.io/v1alpha1',
  kind: 'Component',
  metadata: {
    name: 'shop',
    annotations: {
      'backstage.io/source-location':
        'url:https://github.com/acme/shop/tree/main/',
    },
  },
  spec: { type: 'service', lifecycle: 'production', owner },
});

describe('a source', () => {
  it('that has not changed is not read again, and its facts are not stored again', async () => {
    const { handle, read } = retriever([shop('payments')], { commit: 'a' });
    const [{ facts }] = await handle();
    assert.equal(facts['owner-declared'], 'pass');
    assert.deepEqual(await handle(), []);
    assert.equal(read.length, 1);
  });

  it('is judged once a day though it has not changed, so that facts of it are always kept', async t => {
    const { handle } = retriever([shop('payments')], { commit: 'a' });
    const [{ facts: before }] = await handle();
    t.mock.timers.enable({ apis: ['Date'], now: Date.now() + 86_400_000 });
    const [{ facts }] = await handle();
    assert.equal(facts['owner-declared'], before['owner-declared']);
  });

  it('that cannot be read is said to be unknown each time', async () => {
    const nowhere = { ...shop('payments'), metadata: { name: 'shop' } };
    const { handle } = retriever([nowhere], { commit: 'a' });
    for (const [{ facts }] of [await handle(), await handle()]) {
      assert.equal(facts['owner-declared'], 'unknown');
    }
  });

  it('is read again where its commit has changed', async () => {
    const at = { commit: 'a' };
    const { handle, read } = retriever([shop('payments')], at);
    await handle();
    at.commit = 'b';
    await handle();
    assert.deepEqual(read, [
      'https://github.com/acme/shop/tree/main/',
      'https://github.com/acme/shop/tree/main/',
    ]);
  });

  it('is read again where the catalog says something else of the component', async () => {
    const entities = [shop('payments')];
    const { handle, read } = retriever(entities, { commit: 'a' });
    await handle();
    entities[0] = shop('unknown');
    const [{ facts }] = await handle();
    assert.equal(read.length, 2);
    assert.equal(facts['owner-declared'], 'fail');
  });

  it('that takes too long to be unpacked leaves no folder behind', async () => {
    const folders: string[] = [];
    const slow = async ({ targetDir }: { targetDir: string }) => {
      await sleep(300);
      await mkdir(join(targetDir, 'deep'), { recursive: true });
      folders.push(targetDir);
      return targetDir;
    };
    const { handle } = retriever([shop('a')], { commit: 'a' }, slow, 50);
    const [{ facts }] = await handle();
    assert.equal(facts['owner-declared'], 'unknown');
    await sleep(600);
    assert.deepEqual(folders.map(existsSync), [false]);
  });
});
