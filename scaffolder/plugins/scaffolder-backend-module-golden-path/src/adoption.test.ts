import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { after, before, describe, it } from 'node:test';
import {
  mockServices,
  startTestBackend,
  TestBackend,
} from '@backstage/backend-test-utils';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import { certificate, Forge, git, scratch } from 'forge';
import { parse } from 'yaml';
import goldenPath from '.';

const ROOT = resolve(__dirname, '../../../..');
const PYTHON =
  process.env.GOLDENPATH_PYTHON ?? join(ROOT, '.venv', 'bin', 'python');
const TEMPLATE = join(ROOT, 'scaffolder/templates/adopt-golden-path.yaml');

/** A repository that has nothing but an image, and what was added. */
async function repository(
  files: Iterable<[string, string]> = [],
): Promise<string> {
  const tree = scratch();
  for (const [path, content] of [['Dockerfile', 'FROM scratch\n'], ...files]) {
    mkdirSync(dirname(join(tree, path)), { recursive: true });
    writeFileSync(join(tree, path), content);
  }
  await git(tree, 'init', '--quiet', '--initial-branch=main');
  await git(tree, 'add', '--all');
  await git(tree, 'commit', '--quiet', '--message=feat: begin');
  return tree;
}

describe('the Template that adopts', () => {
  let forge: Forge;
  /** The same repositories by http, for what asks an API and knows no certificate of ours. */
  let api: Forge;

  before(async () => {
    const folder = scratch();
    const tls = certificate(folder);
    process.env.GIT_SSL_CAINFO = tls.path;
    forge = await Forge.start(folder, {
      user: 'robot',
      password: 's3cret',
      tls,
    });
    api = await Forge.start(folder, { user: 'robot', password: 's3cret' });
    await forge.push(
      ROOT,
      'platform',
      'golden-path',
      'HEAD:refs/heads/main',
      'HEAD:refs/tags/v9.0.0',
    );
    const tree = await repository();
    await forge.push(tree, 'acme', 'payments', 'main');
    await forge.push(tree, 'acme', 'orders', 'main');
  });

  after(async () => {
    await api?.stop();
    await forge?.stop();
  });

  /** The suite is here, and so is the repository: it says that it is where an address has no port. */
  function form(repo: string) {
    const template = parse(readFileSync(TEMPLATE, 'utf8'));
    const [{ input }] = template.spec.steps;
    input.url = `${forge.url}/platform/golden-path`;
    input.values.adopted_url = `https://github.com/acme/${repo}`;
    const values = {
      repoUrl: `${forge.host}?owner=acme&repo=${repo}`,
      owner: 'group:default/payments',
      oncall: 'PABC123',
      chat: '#payments',
    };
    return { template, values };
  }

  const features = (integrations: object, entities: any[] = []) => [
    import('@backstage/plugin-scaffolder-backend'),
    import('@backstage/plugin-scaffolder-backend-module-github'),
    import('@backstage/plugin-scaffolder-backend-module-gitlab'),
    goldenPath,
    catalogServiceMock.factory({ entities }),
    mockServices.rootConfig.factory({
      data: {
        goldenpath: {
          python: PYTHON,
          templates: { allowedHosts: [forge.host] },
        },
        integrations,
      },
    }),
  ];

  /** What a dry run gives and logs where the repository's host is of that kind. */
  async function adopt(integration: object, repo = 'payments') {
    const backend: TestBackend = await startTestBackend({
      features: features(integration),
    });
    try {
      const response = await fetch(
        `http://localhost:${backend.server.port()}/api/scaffolder/v2/dry-run`,
        {
          method: 'POST',
          headers: { 'Content-Type': 'application/json' },
          body: JSON.stringify({
            ...form(repo),
            secrets: {},
            directoryContents: [],
          }),
        },
      );
      const result: any = await response.json();
      assert.equal(response.status, 200, JSON.stringify(result));
      return {
        output: result.output,
        files: new Map<string, string>(
          result.directoryContents.map(({ path, base64Content }: any) => [
            path,
            Buffer.from(base64Content, 'base64').toString(),
          ]),
        ),
        log: result.log.map(({ body }: any) => body.message).join('\n'),
      };
    } finally {
      await backend.stop();
    }
  }

  it('proposes what is missing on GitHub, and says what that changes', async () => {
    const { output, files, log } = await adopt({
      github: [
        {
          host: forge.host,
          apiBaseUrl: `${forge.url}/api/v3`,
          token: 'a-token',
        },
      ],
    });
    assert.ok(files.has('catalog-info.yaml'));
    assert.ok(!files.has('Dockerfile'));
    const [scorecards] = output.text;
    assert.match(scorecards.content, /^\*\*no tier\*\* before, \*\*bronze\*\*/);
    const [, asked] =
      /publish:github:pull-request in .*: (\{[\s\S]*?\n\})/.exec(log)!;
    const { description, branchName } = JSON.parse(asked);
    assert.equal(description, scorecards.content);
    assert.equal(branchName, 'adopt-golden-path');
    assert.deepEqual(
      output.links.map(({ title }: any) => title),
      ['Pull request'],
    );
    assert.equal(output.text.length, 1);
  });

  /** Runs the Template as a person would, and gives what its page then links to. */
  async function propose(integration: object, repo: string) {
    const { template, values } = form(repo);
    const backend: TestBackend = await startTestBackend({
      features: features(integration, [template]),
    });
    const ask = async (path: string, content?: object): Promise<any> => {
      const response = await fetch(
        `http://localhost:${backend.server.port()}/api/scaffolder/v2/${path}`,
        {
          method: content ? 'POST' : 'GET',
          body: content && JSON.stringify(content),
          headers: { 'Content-Type': 'application/json' },
        },
      );
      return response.json();
    };
    try {
      const templateRef = 'template:default/adopt-golden-path';
      const { id } = await ask('tasks', { templateRef, values });
      let task = await ask(`tasks/${id}`);
      while (['open', 'processing'].includes(task.status)) {
        await new Promise(done => setTimeout(done, 250));
        task = await ask(`tasks/${id}`);
      }
      const events: any[] = await ask(`tasks/${id}/events`);
      const log = events.map(({ body }) => body.message).join('\n');
      assert.equal(task.status, 'completed', log);
      return events.find(({ body }) => body.output).body.output.links;
    } finally {
      await backend.stop();
    }
  }

  const hosts = () => ({
    github: {
      integration: {
        github: [
          {
            host: forge.host,
            apiBaseUrl: `${api.url}/api/v3`,
            token: 'a-token',
          },
        ],
      },
      repo: 'payments',
      title: 'Pull request',
      url: /\/acme\/payments\/pull\/\d$/,
      head: 'acme:adopt-golden-path',
    },
    gitlab: {
      integration: {
        gitlab: [
          {
            host: forge.host,
            baseUrl: api.url,
            apiBaseUrl: `${api.url}/api/v4`,
            token: 'a-token',
          },
        ],
      },
      repo: 'orders',
      title: 'Merge request',
      url: /\/acme\/orders\/-\/merge_requests\/\d$/,
      head: 'adopt-golden-path',
    },
  });

  for (const kind of ['github', 'gitlab'] as const) {
    // eslint-disable-next-line no-loop-func
    it(`asks on ${kind} to merge a branch that adds the files, in a text that has both scorecards`, async () => {
      const { integration, repo, head, ...link } = hosts()[kind];
      const [{ title, url }, ...rest] = await propose(integration, repo);
      assert.deepEqual(rest, []);
      assert.equal(title, link.title);
      assert.match(url, link.url);

      const [proposed, ...others] = api.pullRequests.filter(
        request => request.repo === repo,
      );
      assert.deepEqual(others, []);
      assert.equal(proposed.title, 'feat: adopt the golden path');
      assert.deepEqual(
        [proposed.owner, proposed.head, proposed.base],
        ['acme', head, 'main'],
      );
      const scorecards =
        /^\*\*no tier\*\* before, \*\*bronze\*\* with[\s\S]*\| bronze \| slo-defined \| fail \| pass \|/;
      assert.match(proposed.body, scorecards);
      const clone = scratch();
      await git(clone, 'clone', '--quiet', `${api.url}/acme/${repo}.git`, '.');
      const branch = 'origin/adopt-golden-path';
      assert.equal(
        await git(clone, 'log', '--format=%s', `origin/main..${branch}`),
        'feat: adopt the golden path',
      );
      const changed = await git(
        clone,
        ...['diff', '--name-status', 'origin/main', branch],
      );
      const lines = changed.split('\n');
      assert.ok(lines.includes('A\tcatalog-info.yaml'), changed);
      assert.ok(lines.includes('A\tdocs/runbook.md'), changed);
      assert.ok(
        lines.every(line => line.startsWith('A\t')),
        changed,
      );
    });
  }

  it('proposes nothing where nothing is missing', async () => {
    const gitea = [{ host: forge.host, baseUrl: forge.url }];
    const { files } = await adopt({ gitea });
    const tree = await repository(files);
    await forge.push(tree, 'acme', 'adopted', 'main');
    const { output, log } = await adopt(
      { github: [{ host: forge.host, apiBaseUrl: `${forge.url}/api/v3` }] },
      'adopted',
    );
    assert.doesNotMatch(log, /publish:/);
    assert.deepEqual(output.links, []);
    const [{ content }, ...others] = output.text;
    assert.match(content, /^\*\*bronze\*\* before, \*\*bronze\*\*/);
    assert.match(content, /Nothing to add/);
    assert.deepEqual(others, []);
  });

  it('says so where nothing can be proposed', async () => {
    const { output, log } = await adopt({
      gitea: [{ host: forge.host, baseUrl: forge.url }],
    });
    assert.doesNotMatch(log, /publish:/);
    assert.deepEqual(output.links, []);
    assert.deepEqual(
      output.text.map(({ title }: any) => title),
      ['Not proposed', 'Scorecard before and after'],
    );
  });
});
