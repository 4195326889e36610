import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, describe, it } from 'node:test';
import {
  mockServices,
  startTestBackend,
  TestBackend,
} from '@backstage/backend-test-utils';
import { Entity } from '@backstage/catalog-model';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import { Forge, git, scratch } from 'forge';
import goldenPath from '.';

const ROOT = resolve(__dirname, '../../../..');
const PYTHON =
  process.env.GOLDENPATH_PYTHON ?? join(ROOT, '.venv', 'bin', 'python');

const CHECKS = ['owner-declared', 'slo-defined'];
const CONTRACT = `apiVersion: goldenpath.dev/v1
kind: PlatformContract
metadata: {name: acme, version: "1.0.0", owner: "group:default/platform"}
spec:
  tiers: [bronze, silver]
  checks:
    owner-declared: {tier: bronze}
    slo-defined: {tier: silver}
`;

function component(name: string, location: string): Entity {
  return {
    apiVersion: 'backstage.io/v1alpha1',
    kind: 'Component',
    metadata: {
      name,
      annotations: { 'backstage.io/source-location': location },
    },
    spec: { type: 'service', lifecycle: 'production', owner: 'payments' },
  };
}

/** A repository with one file that says who owns the component. */
async function publish(forge: Forge, name: string): Promise<void> {
  const tree = scratch();
  const { metadata: _, ...rest } = component(name, '');
  writeFileSync(
    join(tree, 'catalog-info.yaml'),
    JSON.stringify({ ...rest, metadata: { name } }),
  );
  await mkdir(join(tree, 'deep'));
  writeFileSync(join(tree, 'deep', 'file'), 'deep');
  await git(tree, 'init', '--quiet', '--initial-branch=main');
  await git(tree, 'add', '--all');
  await git(tree, 'commit', '--quiet', '--message=feat: begin');
  await forge.push(tree, 'acme', name, 'main');
}

describe('the fact retriever in a backend', () => {
  let backend: TestBackend;
  let forge: Forge;
  let hanging: Forge;

  before(async () => {
    const account = { user: 'robot', password: 's3cret' };
    forge = await Forge.start(scratch(), account);
    hanging = await Forge.start(scratch(), account);
    hanging.hangs = /./;
    await publish(forge, 'shop');
    const contract = join(scratch(), 'acme.yaml');
    writeFileSync(contract, CONTRACT);
    const of = (name: string, host = forge) =>
      component(name, `url:${host.url}/acme/${name}/src/branch/main/`);
    backend = await startTestBackend({
      features: [
        import('@backstage-community/plugin-tech-insights-backend'),
        import(
          '@backstage-community/plugin-tech-insights-backend-module-jsonfc'
        ),
        goldenPath,
        mockServices.scheduler.factory({
          includeInitialDelayedTasksOnStartup: true,
        }),
        catalogServiceMock.factory({
          entities: [
            of('shop'),
            component(
              'shop-in-a-folder',
              `url:${forge.url}/acme/shop/src/branch/main/deep/`,
            ),
            of('gone'),
            of('hanging', hanging),
            component('local', 'file:/srv/local'),
          ],
        }),
        mockServices.rootConfig.factory({
          data: {
            goldenpath: {
              python: PYTHON,
              contract,
              scorecard: {
                version: '1.0.0',
                tiers: ['bronze', 'silver'],
                checks: CHECKS,
              },
              scan: { parallel: 2, timeout: { seconds: 3 } },
            },
            integrations: {
              gitea: [forge, hanging].map(({ host, url }) => ({
                host,
                baseUrl: url,
              })),
            },
            techInsights: {
              factRetrievers: {
                goldenpath: {
                  cadence: '0 0 1 1 *',
                  initialDelay: { seconds: 0 },
                },
              },
              factChecker: {
                checks: Object.fromEntries(
                  CHECKS.map((id, at) => [
                    id,
                    {
                      type: 'json-rules-engine',
                      name: id,
                      description: id,
                      factIds: ['goldenpath'],
                      rule: {
                        conditions: {
                          all: [
                            {
                              fact: id,
                              operator: 'in',
                              value: ['pass', 'not-applicable', 'waived'],
                            },
                          ],
                        },
                      },
                      metadata: { rank: at + 1 },
                    },
                  ]),
                ),
              },
            },
          },
        }),
      ],
    });
  });

  after(async () => {
    await backend?.stop();
    await hanging?.stop();
    await forge?.stop();
  });

  const ask = async (path: string, body?: object) => {
    const response = await fetch(
      `http://localhost:${backend.server.port()}/api/tech-insights/${path}`,
      {
        method: body ? 'POST' : 'GET',
        body: body && JSON.stringify(body),
        headers: { 'Content-Type': 'application/json' },
      },
    );
    return response.json();
  };

  /** The latest facts of a component, once there are some. */
  async function facts(name: string) {
    for (let tries = 0; tries < 120; tries++) {
      const { goldenpath } = await ask(
        `facts/latest?entity=component:default/${name}&ids=goldenpath`,
      );
      if (goldenpath) return goldenpath;
      await new Promise(done => setTimeout(done, 250));
    }
    throw new Error(`${name} has no facts`);
  }

  it('gives a fact for each check, the tier, and the report', async () => {
    const { facts: found, timestamp } = await facts('shop');
    assert.equal(found.reason, '');
    assert.equal(found['owner-declared'], 'pass');
    assert.equal(found['slo-defined'], 'fail');
    assert.equal(found.tier, 'bronze');
    assert.equal(found.report.apiVersion, 'goldenpath.dev/report/v1');
    assert.ok(Math.abs(Date.parse(timestamp) - Date.now()) < 120_000);
  });

  it('lets the rules engine judge by them', async () => {
    await facts('shop');
    const results: any[] = await ask('checks/run/default/component/shop', {});
    assert.deepEqual(
      results.map(({ check, result }) => [check.id, result]).sort(),
      [
        ['owner-declared', true],
        ['slo-defined', false],
      ],
    );
  });

  it('judges a component in a folder by its whole repository, and by the entity that the catalog has', async () => {
    const { facts: found } = await facts('shop-in-a-folder');
    assert.equal(found.reason, '');
    const [{ ref, checks }] = found.report.components;
    assert.equal(ref, 'component:default/shop-in-a-folder');
    assert.equal(checks[0].verdict, 'pass');
    assert.equal(checks[0].evidence[0].path, 'catalog-entity.json');
  });

  it('says where a source is, and not where it lay for a moment', async () => {
    for (const name of ['shop', 'shop-in-a-folder']) {
      const { repository, components } = (await facts(name)).facts.report;
      assert.equal(
        repository.location,
        `${forge.url}/acme/shop/src/branch/main/`,
      );
      assert.equal(
        components[0].next.command,
        'goldenpath explain slo-defined .',
      );
      assert.ok(!JSON.stringify(components).includes(tmpdir()));
    }
  });

  for (const [name, reason] of [
    ['gone', /404|not found/i],
    ['hanging', /its source was not read within 3 seconds/],
    ['local', /its source is a file, and no address/],
  ] as const) {
    it(`of ${name} says that nothing is known, and why`, async () => {
      const { facts: found } = await facts(name);
      assert.equal(found['owner-declared'], 'unknown');
      assert.equal(found['slo-defined'], 'unknown');
      assert.equal(found.tier, '');
      assert.match(found.reason, reason);
    });
  }
});
