import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { ConfigReader } from '@backstage/config';
import { ScmIntegrations } from '@backstage/integration';
import { Python } from '@goldenpath/backstage-plugin-golden-path-node';
import { certificate, Forge, git, scratch } from 'forge';
import { parse } from 'yaml';
import { createAdoptAction } from './actions/adopt';
import { createCheckAction } from './actions/check';
import { createCopierCopyAction } from './actions/copierCopy';
import { createPublishedAction } from './actions/published';
import { examples as adoptExamples } from './actions/adopt.examples';
import { examples as checkExamples } from './actions/check.examples';
import { examples as copyExamples } from './actions/copierCopy.examples';
import { examples as publishedExamples } from './actions/published.examples';
import { TemplateSource } from './TemplateSource';

const ROOT = resolve(__dirname, '../../../..');
const PYTHON =
  process.env.GOLDENPATH_PYTHON ?? join(ROOT, '.venv', 'bin', 'python');

const COPIER_YML = `
_envops: {undefined: jinja2.StrictUndefined}
name:
  type: str
  validator: "{% if not (name | regex_search('^[a-z-]+$')) %}A name has small letters only.{% endif %}"
replicas: {type: int, default: 2}
greeting: {type: str, default: "hello {{ name }}"}
`;
const TEMPLATE = {
  'copier.yml': COPIER_YML,
  'service.txt.jinja': '{{ name }} {{ replicas + 1 }} {{ greeting }}\n',
  '{{ _copier_conf.answers_file }}.jinja':
    '{{ _copier_answers | to_nice_yaml }}',
};

let forge: Forge;
let url: string;

before(async () => {
  forge = await Forge.start(scratch(), { user: 'robot', password: 's3cret' });
  const tree = scratch();
  for (const [name, content] of Object.entries(TEMPLATE)) {
    writeFileSync(join(tree, name), content);
  }
  await git(tree, 'init', '--quiet', '--initial-branch=main');
  await git(tree, 'add', '--all');
  await git(tree, 'commit', '--quiet', '--message=feat: begin');
  await git(tree, 'tag', 'v1.0.0');
  writeFileSync(join(tree, 'newer.txt'), 'newer\n');
  await git(tree, 'add', '--all');
  await git(tree, 'commit', '--quiet', '--message=feat: more');
  await git(tree, 'tag', 'v1.1.0');
  await forge.push(tree, 'platform', 'template', 'main', '--tags');
  url = `${forge.url}/platform/template`;
});

after(() => forge.stop());

function configured(settings: object = {}) {
  return new ConfigReader({
    goldenpath: {
      python: PYTHON,
      templates: { allowedHosts: ['github.com', forge.url] },
      ...settings,
    },
    integrations: {
      gitea: [
        {
          host: forge.host,
          baseUrl: forge.url,
          username: 'robot',
          password: 's3cret',
        },
      ],
    },
  });
}

function copyAction(settings?: object) {
  const config = configured(settings);
  const integrations = ScmIntegrations.fromConfig(config);
  return createCopierCopyAction({
    python: Python.fromConfig(config),
    integrations,
    source: TemplateSource.fromConfig(config),
  });
}

/** Runs an action as the scaffolder does, and returns what it gave and logged. */
async function perform(
  action: { handler: (ctx: any) => Promise<void> },
  input: object,
  more: { signal?: AbortSignal; workspacePath?: string } = {},
) {
  const output: Record<string, any> = {};
  const logged: string[] = [];
  const lent: string[] = [];
  const log = (message: string) => logged.push(message);
  const workspacePath = more.workspacePath ?? scratch();
  const context = {
    input,
    workspacePath,
    signal: more.signal,
    logger: { info: log, warn: log, error: log, debug: log },
    output: (name: string, value: unknown) => {
      output[name] = value;
    },
    createTemporaryDirectory: async () => {
      lent.push(scratch());
      return lent[lent.length - 1];
    },
  };
  try {
    await action.handler(context);
  } catch (error) {
    (error as any).logged = logged;
    throw error;
  } finally {
    // The scaffolder itself removes them only where the step succeeds.
    assert.deepEqual(lent.filter(existsSync), []);
  }
  return { output, logged, workspacePath };
}

/** A component that has an owner, and nothing else. */
async function owned(): Promise<string> {
  const workspacePath = scratch();
  await mkdir(join(workspacePath, 'docs'));
  writeFileSync(
    join(workspacePath, 'catalog-info.yaml'),
    `apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: payments}
spec: {type: service, lifecycle: production, owner: group:default/payments}
`,
  );
  return workspacePath;
}

describe('goldenpath:copier:copy', () => {
  it('renders the newest release so that it can be updated', async () => {
    const { output, workspacePath } = await perform(copyAction(), {
      url,
      values: { name: 'payments', replicas: 3, greeting: '' },
    });
    assert.equal(
      readFileSync(join(workspacePath, 'service.txt'), 'utf8'),
      'payments 4 hello payments\n',
    );
    const answers = parse(
      readFileSync(join(workspacePath, '.copier-answers.yml'), 'utf8'),
    );
    assert.equal(answers._src_path, `${url}.git`);
    assert.equal(answers._commit, 'v1.1.0');
    assert.deepEqual(output, {
      source: `${url}.git`,
      version: 'v1.1.0',
      answers: { name: 'payments', replicas: 3, greeting: 'hello payments' },
    });
  });

  it('renders the release that is asked for, below a folder', async () => {
    const { output, workspacePath } = await perform(copyAction(), {
      url,
      ref: 'v1.0.0',
      targetPath: 'service',
      values: { name: 'payments' },
    });
    assert.equal(output.version, 'v1.0.0');
    assert.ok(existsSync(join(workspacePath, 'service', 'service.txt')));
    assert.ok(!existsSync(join(workspacePath, 'service', 'newer.txt')));
  });

  it("refuses an answer in the questionnaire's own words", async () => {
    await assert.rejects(
      perform(copyAction(), { url, values: { name: 'Payments' } }),
      { name: 'InputError', message: 'name: A name has small letters only.' },
    );
  });

  it('refuses a repository that is called otherwise than the service', async () => {
    await assert.rejects(
      perform(copyAction(), {
        url,
        repoUrl: `${forge.host}?owner=acme&repo=payment`,
        values: { name: 'payments' },
      }),
      { name: 'InputError', message: /called payments, .* would be payment:/ },
    );
  });

  for (const [address, message] of [
    [
      'https://evil.example.com/a/b',
      /may not come from https:\/\/evil.example.com: .* has github.com, /,
    ],
    ['http://github.com/a/b', /may not come from http:\/\/github.com/],
    ['https://user:hunter2@github.com/a/b', /leave user, password/],
    ['https://github.com/a/b?token=hunter2', /leave user, password/],
    ['file:///etc', /may not come from/],
    ['ext::sh -c id', /may not come from|is not an address/],
    ['/srv/templates', /is not an address/],
    ['git@github.com:a/b', /is not an address/],
  ] as const) {
    it(`does not fetch ${address}`, async () => {
      await assert.rejects(
        perform(copyAction(), { url: address, values: { name: 'a' } }),
        (error: Error) => {
          assert.match(error.message, message);
          assert.doesNotMatch(error.message, /hunter2/);
          return true;
        },
      );
    });
  }

  it('writes nothing outside the workspace', async () => {
    await assert.rejects(
      perform(copyAction(), {
        url,
        targetPath: '../elsewhere',
        values: { name: 'a' },
      }),
      { name: 'NotAllowedError' },
    );
  });

  it('shows the password neither in its log nor in what it wrote', async () => {
    const { logged, workspacePath } = await perform(copyAction(), {
      url,
      values: { name: 'payments' },
    });
    const answers = readFileSync(
      join(workspacePath, '.copier-answers.yml'),
      'utf8',
    );
    const secret = Buffer.from('robot:s3cret').toString('base64');
    for (const text of [...logged, answers]) {
      assert.ok(!text.includes('s3cret') && !text.includes(secret), text);
    }
  });

  it('is cancelled while git waits for the forge', async () => {
    forge.hangs = /./;
    try {
      await assert.rejects(
        perform(
          copyAction(),
          { url, values: { name: 'payments' } },
          { signal: AbortSignal.timeout(2_000) },
        ),
        { reason: 'aborted' },
      );
    } finally {
      forge.hangs = undefined;
    }
  });

  it('says so where the template is not there', async () => {
    await assert.rejects(
      perform(copyAction(), {
        url: `${forge.url}/platform/nothing`,
        values: { name: 'payments' },
      }),
      { message: /^Copier ended with code \d+: [\s\S]*not found/ },
    );
  });

  it('has examples that its schema takes', () => {
    for (const { example } of copyExamples) {
      const [step] = parse(example).steps;
      assert.equal(step.action, copyAction().id);
      assert.ok(step.input.url && step.input.values);
    }
    assert.equal(copyAction().supportsDryRun, true);
  });
});

describe('goldenpath:check', () => {
  const action = () =>
    createCheckAction({ python: Python.fromConfig(configured()) });

  it('ends the task below the lowest tier, and logs how to mend each check', async () => {
    const workspacePath = await owned();
    await assert.rejects(
      perform(action(), {}, { workspacePath }),
      (error: Error & { logged: string[] }) => {
        assert.match(
          error.message,
          /^Not published: it is below bronze \(.*slo-defined.*\)/,
        );
        assert.doesNotMatch(error.message, /owner-declared/);
        const said = error.logged.find(line => line.includes('slo-defined'));
        assert.match(said!, /^✗ bronze slo-defined: /);
        assert.match(said!, /\n {2}Fix: /);
        assert.match(said!, /\n {2}https:\/\/.*slo-defined/);
        return true;
      },
    );
  });

  it('lets pass what meets its contract', async () => {
    const workspacePath = await owned();
    const contract = join(scratch(), 'contract.yaml');
    writeFileSync(
      contract,
      `apiVersion: goldenpath.dev/v1
kind: PlatformContract
metadata: {name: acme, version: "1.0.0", owner: group:default/platform}
spec:
  tiers: [bronze]
  checks:
    owner-declared: {tier: bronze}
`,
    );
    const { output } = await perform(action(), { contract }, { workspacePath });
    assert.equal(output.tier, 'bronze');
    assert.match(output.summary, /\| bronze \| owner-declared \| pass \|/);
  });

  it('says so where the contract cannot be read', async () => {
    await assert.rejects(
      perform(
        action(),
        { contract: 'nobodys' },
        { workspacePath: await owned() },
      ),
      { name: 'InputError', message: /nobodys/ },
    );
  });

  it('has examples that its schema takes', () => {
    for (const { example } of checkExamples) {
      assert.equal(parse(example).steps[0].action, action().id);
    }
    assert.equal(action().supportsDryRun, true);
  });
});

describe('goldenpath:published', () => {
  const action = () => {
    const config = configured();
    return createPublishedAction({
      python: Python.fromConfig(config),
      integrations: ScmIntegrations.fromConfig(config),
    });
  };
  const input = () => ({ repoUrl: `${forge.host}?owner=acme&repo=shop` });

  it('says no where there is no repository, or nothing in it', async () => {
    const absent = await perform(action(), input());
    assert.deepEqual(absent.output, { published: false });
    await forge.create('acme', 'shop');
    const empty = await perform(action(), input());
    assert.deepEqual(empty.output, { published: false });
  });

  it('says yes where it has the same files, whatever git ignores beside them', async () => {
    const workspacePath = await owned();
    writeFileSync(join(workspacePath, '.gitignore'), 'ignored\n');
    writeFileSync(join(workspacePath, 'run'), '#!/bin/sh\n', { mode: 0o755 });
    await git(workspacePath, 'init', '--quiet', '--initial-branch=main');
    await git(workspacePath, 'add', '--all');
    await git(workspacePath, 'commit', '--quiet', '--message=feat: begin');
    await forge.push(workspacePath, 'acme', 'shop', 'main');
    writeFileSync(join(workspacePath, 'ignored'), 'ignored\n');
    const { output } = await perform(action(), input(), { workspacePath });
    assert.deepEqual(output, {
      published: true,
      remoteUrl: `${forge.url}/acme/shop.git`,
      repoContentsUrl: `${forge.url}/acme/shop/src/branch/main/`,
    });
  });

  it('refuses where it has other files', async () => {
    const workspacePath = await owned();
    await assert.rejects(perform(action(), input(), { workspacePath }), {
      name: 'InputError',
      message: /acme\/shop\.git exists, and its branch main holds/,
    });
  });

  it('has examples that its schema takes', () => {
    for (const { example } of publishedExamples) {
      assert.equal(parse(example).steps[0].action, action().id);
    }
  });
});

describe('goldenpath:adopt', () => {
  // goldenpath adopts from https addresses only.
  let secure: Forge;

  function action() {
    const config = new ConfigReader({
      goldenpath: {
        python: PYTHON,
        templates: { allowedHosts: [secure.host] },
      },
      integrations: { gitea: [{ host: secure.host, baseUrl: secure.url }] },
    });
    return createAdoptAction({
      python: Python.fromConfig(config),
      integrations: ScmIntegrations.fromConfig(config),
      source: TemplateSource.fromConfig(config),
    });
  }

  /** This repository as it is committed, and a service that has an owner and code, on the forge. */
  before(async () => {
    const folder = scratch();
    const tls = certificate(folder);
    process.env.GIT_SSL_CAINFO = tls.path;
    secure = await Forge.start(folder, {
      user: 'robot',
      password: 's3cret',
      tls,
    });
    await secure.push(
      ROOT,
      'platform',
      'golden-path',
      'HEAD:refs/heads/main',
      'HEAD:refs/tags/v9.0.0',
    );
    const tree = await owned();
    writeFileSync(join(tree, 'README.md'), '# payments\n');
    writeFileSync(join(tree, 'Dockerfile'), 'FROM scratch\n');
    await git(tree, 'init', '--quiet', '--initial-branch=main');
    await git(tree, 'add', '--all');
    await git(tree, 'commit', '--quiet', '--message=feat: begin');
    await secure.push(tree, 'acme', 'payments', 'main');
  });

  after(() => secure.stop());

  it('writes what is missing, and nothing else, and says what that changes', async () => {
    const { output, workspacePath } = await perform(action(), {
      url: `${secure.url}/platform/golden-path`,
      repoUrl: `${secure.host}?owner=acme&repo=payments`,
      values: {
        oncall: 'PABC123',
        chat: 'payments',
        adopted_url: 'https://github.com/acme/payments',
      },
    });
    assert.ok(output.files.includes('docs/runbook.md'), output.files.join());
    for (const file of output.files) {
      assert.ok(existsSync(join(workspacePath, file)), file);
    }
    for (const file of ['README.md', 'Dockerfile', '.git']) {
      assert.ok(!existsSync(join(workspacePath, file)), file);
    }
    assert.equal(output.before, 'no tier');
    assert.match(output.summary, /\| bronze \| slo-defined \| fail \| pass \|/);
    assert.match(
      output.summary,
      /^\*\*no tier\*\* before, \*\*no tier\*\* with these files, by standard /,
    );
    assert.match(output.summary, /Next steps/);
    assert.ok(!output.summary.includes(tmpdir()), output.summary);
  });

  it('knows how releases are tagged', async () => {
    const tree = await owned();
    await git(tree, 'init', '--quiet', '--initial-branch=main');
    await git(tree, 'add', '--all');
    await git(tree, 'commit', '--quiet', '--message=feat: begin');
    await git(tree, 'tag', '1.0.0');
    writeFileSync(join(tree, 'README.md'), '# orders\n');
    await git(tree, 'add', '--all');
    await git(tree, 'commit', '--quiet', '--message=docs: what it is');
    await secure.push(tree, 'acme', 'orders', 'main', '1.0.0');
    const { workspacePath } = await perform(action(), {
      url: `${secure.url}/platform/golden-path`,
      repoUrl: `${secure.host}?owner=acme&repo=orders`,
      values: {
        oncall: 'PABC123',
        chat: 'payments',
        adopted_url: 'https://github.com/acme/orders',
      },
    });
    const answers = readFileSync(
      join(workspacePath, '.copier-answers.yml'),
      'utf8',
    );
    assert.equal(parse(answers).adopted_tags, '[0-9]*');
  });

  it('reads no repository of a host that the portal does not know', async () => {
    await assert.rejects(
      perform(action(), {
        url: `${secure.url}/platform/golden-path`,
        repoUrl: 'evil.example.com?owner=acme&repo=payments',
      }),
      { name: 'InputError', message: /evil\.example\.com/ },
    );
  });

  it('has examples that its schema takes', () => {
    for (const { example } of adoptExamples) {
      assert.equal(parse(example).steps[0].action, action().id);
    }
  });
});
