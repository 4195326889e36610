import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { git, scratch } from 'forge';
import { Portal, PYTHON, ROOT, until } from './portal';
import { edit, release } from './suite';

const execute = promisify(execFile);

const TEMPLATES = readdirSync(join(ROOT, 'scaffolder', 'templates'))
  .map(file => basename(file, '.yaml'))
  .filter(name => !['all', 'adopt-golden-path'].includes(name));

const ANSWERS = {
  owner: 'group:default/payments',
  oncall: 'PABC123',
  chat: '#payments',
  visibility: 'public',
};

const nameFor = (template: string) => `orders-${template.split('-')[0]}`;

describe('from the wizard to the scorecard', () => {
  const folder = scratch();
  let portal: Portal;

  before(async () => {
    portal = await Portal.start(folder, {
      suite: process.env.GOLDENPATH_SUITE,
      quiet: !process.env.PORTAL_LOG,
    });
  });

  after(() => portal?.stop());

  const create = async (template: string, name: string) => {
    const repoUrl = `${portal.forge.host}?owner=acme&repo=${name}`;
    const values = { ...ANSWERS, name, repoUrl };
    return portal.ended(await portal.begin(template, values));
  };

  /** Judges every component until Tech Insights says of one what is expected, and returns that. */
  async function judge(
    name: string,
    isExpected: (facts: Record<string, any>) => boolean,
  ) {
    const path = `facts/latest?entity=component:default/${name}&ids=goldenpath`;
    const facts = await until(`${name} is judged`, 120, async () => {
      // Refused while it runs; what it then finds may be older than what is expected.
      await portal
        .ask(
          'tech-insights/.backstage/scheduler/v1/tasks/goldenpath/trigger',
          {},
        )
        .catch(() => undefined);
      const { goldenpath } = await portal.ask(`tech-insights/${path}`);
      return goldenpath && isExpected(goldenpath.facts)
        ? goldenpath.facts
        : undefined;
    });
    const results: any[] = await portal.ask(
      `tech-insights/checks/run/default/component/${name}`,
      {},
    );
    return { facts, results };
  }

  /** As the Maturity plugin counts it in the browser. */
  function rank(results: any[]): number {
    const ranks = results.map(({ check }) => check.metadata.rank);
    return results
      .filter(({ result }) => !result)
      .reduce(
        (current, { check }) =>
          check.metadata.rank <= current ? check.metadata.rank - 1 : current,
        Math.max(...ranks),
      );
  }

  for (const template of TEMPLATES) {
    // eslint-disable-next-line no-loop-func
    it(`a ${template} is published, registered, and gold`, async () => {
      const name = nameFor(template);
      const { status, log, output } = await create(template, name);
      assert.equal(status, 'completed', log);
      const links = output.links.map(({ url }: any) => url).filter(Boolean);
      assert.deepEqual(links, [
        `${portal.forge.url}/acme/${name}.git`,
        `/docs/default/component/${name}/runbook`,
      ]);
      assert.match(output.text[0].content, /^\*\*gold\*\*/);

      await until(`${name} is in the catalog`, 60, () =>
        portal
          .ask(`catalog/entities/by-name/component/default/${name}`)
          .catch(() => undefined),
      );
      const { facts, results } = await judge(name, () => true);
      assert.equal(facts.reason, '');
      assert.equal(facts.tier, 'gold');
      assert.ok(results.length > 15);
      assert.deepEqual(
        results.filter(({ result }) => !result),
        [],
      );
      assert.equal(rank(results), 3);
    });
  }

  it('a repository that was there before is adopted by a pull request', async () => {
    const repoUrl = `${portal.github.host}?owner=acme&repo=parcels`;
    const { status, log, output } = await portal.ended(
      await portal.begin('adopt-golden-path', { ...ANSWERS, repoUrl }),
    );
    assert.equal(status, 'completed', log);
    const [{ title, url }] = output.links;
    assert.equal(title, 'Pull request');
    const shown = await (await fetch(url)).text();
    assert.match(
      shown,
      /^feat: adopt the golden path\n\n\*\*no tier\*\* before/,
    );
    assert.match(shown, /^\+\+\+ b\/docs\/runbook\.md$/m);
  });

  it('what was made follows a newer release of the suite', async () => {
    await edit(
      join(portal.suite, 'templates', 'partials', 'catalog-info.yaml.jinja'),
      [
        [
          '    - title: Chat\n',
          '    - title: Handbook\n      url: https://handbook.acme.example\n    - title: Chat\n',
        ],
      ],
    );
    await release(portal.suite, portal.forge, 'v1.1.0');
    for (const template of TEMPLATES) {
      const clone = join(folder, `updated-${template}`);
      await git(
        folder,
        'clone',
        '--quiet',
        `${portal.forge.url}/acme/${nameFor(template)}.git`,
        clone,
      );
      await execute(
        PYTHON,
        ['-m', 'copier', 'update', '--defaults', '--quiet'],
        {
          cwd: clone,
        },
      );
      const read = (file: string) => readFileSync(join(clone, file), 'utf8');
      assert.match(read('catalog-info.yaml'), /handbook\.acme\.example/);
      assert.match(read('.copier-answers.yml'), /_commit: v1\.1\.0/);
      const changed = await git(clone, 'status', '--porcelain');
      assert.deepEqual(
        changed
          .split('\n')
          .map(line => line.trim())
          .sort(),
        ['M .copier-answers.yml', 'M catalog-info.yaml'],
      );
    }
  });

  it('what is below its tier is refused before anything is published', async () => {
    const [template] = TEMPLATES;
    await git(portal.suite, 'checkout', '--quiet', '-b', 'broken');
    await edit(
      join(portal.suite, 'templates', 'partials', 'catalog-info.yaml.jinja'),
      [['owner: {= owner_ref =}', 'owner: TODO']],
    );
    const form = join(
      portal.suite,
      'scaffolder',
      'templates',
      `${template}.yaml`,
    );
    await edit(form, [
      [`  name: ${template}\n`, '  name: broken\n'],
      ['        values:\n', '        ref: broken\n        values:\n'],
    ]);
    await git(
      portal.suite,
      'commit',
      '--quiet',
      '--all',
      '--message=fix: none',
    );
    await portal.forge.push(
      portal.suite,
      'platform',
      'golden-path',
      'HEAD:refs/heads/broken',
    );
    await portal.ask('catalog/locations', {
      type: 'url',
      target: `${portal.forge.url}/platform/golden-path/src/branch/broken/scaffolder/templates/${template}.yaml`,
    });
    await until('the broken template is in the catalog', 60, () =>
      portal
        .ask('catalog/entities/by-name/template/default/broken')
        .catch(() => undefined),
    );
    const { status, log } = await create('broken', 'orders-broken');
    assert.equal(status, 'failed');
    assert.match(log, /✗ bronze owner-declared: /);
    assert.match(log, /https:\/\/\S+\/docs\/checks\/owner-declared\.md/);
    assert.match(log, /Not published: it is below bronze \(owner-declared\)/);
    assert.ok(!existsSync(join(folder, 'forge', 'acme', 'orders-broken.git')));
  });

  it('an answer that the form lets pass, and the questionnaire does not, is refused in its words', async () => {
    const { status, log } = await create(TEMPLATES[0], 'import');
    assert.equal(status, 'failed');
    assert.match(log, /name: import is a word, .* say what it serves/);
  });

  it('a commit that breaks a check lowers the tier', async () => {
    const name = nameFor(TEMPLATES[0]);
    const clone = join(folder, 'broken-later');
    await git(folder, 'clone', '--quiet', portal.writable('acme', name), clone);
    await git(clone, 'rm', '--quiet', 'docs/runbook.md');
    await git(clone, 'commit', '--quiet', '--message=docs: no runbook');
    await git(clone, 'push', '--quiet');
    const { facts, results } = await judge(
      name,
      found => found['runbook-linked'] === 'fail',
    );
    assert.equal(facts.tier, '');
    assert.equal(rank(results), 0);
  });
});
