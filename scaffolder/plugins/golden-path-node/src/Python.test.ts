import assert from 'node:assert/strict';
import {
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { after, describe, it } from 'node:test';
import { ConfigReader } from '@backstage/config';
import { check } from './check';
import { Python } from './Python';

const ROOT = resolve(__dirname, '../../../..');
const REAL =
  process.env.GOLDENPATH_PYTHON ?? join(ROOT, '.venv', 'bin', 'python');

const scratch = mkdtempSync(join(tmpdir(), 'goldenpath-test-'));
after(() => rmSync(scratch, { recursive: true }));

function configured(python: string) {
  return Python.fromConfig(
    new ConfigReader({ goldenpath: { python, timeout: { minutes: 1 } } }),
  );
}

/** A program that says of itself to be a Python with these packages. */
function pretended(found: object): string {
  const program = join(mkdtempSync(join(scratch, 'python-')), 'python');
  writeFileSync(program, `#!/bin/sh\necho '${JSON.stringify(found)}'\n`, {
    mode: 0o755,
  });
  return program;
}

describe('the Python that is configured', () => {
  it('runs modules', async () => {
    const { code, stdout } = await configured(REAL).module('goldenpath', [
      '--version',
    ]);
    assert.equal(code, 0);
    assert.match(stdout, /^goldenpath \d/);
  });

  it('that is not there is named, with what to install', async () => {
    await assert.rejects(configured('/nowhere/python').module('copier', []), {
      reason: 'missing',
      message:
        /^Python 3\.11 or later with Copier and goldenpath is needed, and \/nowhere\/python \(goldenpath\.python in the configuration\) does not work: .*ENOENT.*pip install 'goldenpath\[templates\]'$/,
    });
  });

  for (const [title, found, message] of [
    [
      'without Copier',
      { python: '3.12.1', copier: null, goldenpath: '0.3.0' },
      /^Copier 9\.19\.0 or later is needed, and .* has none: install it/,
    ],
    [
      'with an old Copier',
      { python: '3.12.1', copier: '9.4.1', goldenpath: '0.3.0' },
      /^Copier 9\.19\.0 or later is needed, and .* has 9\.4\.1: install it/,
    ],
    [
      'that is old itself',
      { python: '3.10.4', copier: '9.19.1', goldenpath: '0.3.0' },
      /^Python 3\.11 or later is needed, and .* has 3\.10\.4: install it/,
    ],
  ] as const) {
    it(`${title} is named, with the version that is needed`, async () => {
      await assert.rejects(configured(pretended(found)).module('copier', []), {
        reason: 'missing',
        message,
      });
    });
  }

  it('judges a directory', async () => {
    const folder = mkdtempSync(join(scratch, 'service-'));
    const { met, report } = await check(configured(REAL), { path: folder });
    assert.equal(met, false);
    assert.equal(report.apiVersion, 'goldenpath.dev/report/v1');
  });

  it('takes relative paths from where it runs, and speaks of an entity by one name', async () => {
    const folder = mkdtempSync(join(scratch, 'service-'));
    const contract = join(scratch, 'acme.yaml');
    writeFileSync(
      contract,
      `apiVersion: goldenpath.dev/v1
kind: PlatformContract
metadata: {name: acme, version: "1.0.0", owner: "group:default/platform"}
spec: {tiers: [bronze], checks: {owner-declared: {tier: bronze}}}
`,
    );
    const { met, report } = await check(configured(relative('', REAL)), {
      path: relative('', folder),
      contract: relative('', contract),
      component: 'component:default/shop',
      entity: {
        apiVersion: 'backstage.io/v1alpha1',
        kind: 'Component',
        metadata: { name: 'shop' },
        spec: { type: 'service', lifecycle: 'production', owner: 'payments' },
      },
    });
    assert.equal(met, true);
    const [{ path }] = report.components[0].checks[0].evidence;
    assert.equal(path, 'catalog-entity.json');
  });

  it("says in goldenpath's own words what it cannot judge", async () => {
    await assert.rejects(
      check(configured(REAL), { path: '/nowhere', contract: 'nobodys' }),
      { name: 'InputError', message: /nowhere|nobodys/ },
    );
  });

  it('keeps nothing of what a program put aside before it was cancelled', async () => {
    const program = join(mkdtempSync(join(scratch, 'python-')), 'python');
    const told = join(scratch, 'told');
    writeFileSync(
      program,
      `#!/bin/sh
case $2 in
-m) echo > "$TMPDIR/aside"; echo "$TMPDIR" > ${told}; sleep 60;;
*) echo '{"python": "3.12.1", "goldenpath": "99.0"}';;
esac
`,
      { mode: 0o755 },
    );
    const cancel = new AbortController();
    const running = configured(program).module('goldenpath', [], {
      signal: cancel.signal,
    });
    while (!existsSync(told)) await new Promise(done => setTimeout(done, 50));
    cancel.abort();
    await assert.rejects(running, { reason: 'aborted' });
    assert.ok(!existsSync(readFileSync(told, 'utf8').trim()));
  });
});
