import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { after, before, describe, it } from 'node:test';
import {
  mockServices,
  startTestBackend,
  TestBackend,
} from '@backstage/backend-test-utils';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import { Forge, git, scratch } from 'forge';
import goldenPath from '.';

const ROOT = resolve(__dirname, '../../../..');
const PYTHON =
  process.env.GOLDENPATH_PYTHON ?? join(ROOT, '.venv', 'bin', 'python');

describe('the module in a backend', () => {
  let backend: TestBackend;
  let forge: Forge;

  before(async () => {
    forge = await Forge.start(scratch(), { user: 'robot', password: 's3cret' });
    const tree = scratch();
    writeFileSync(join(tree, 'copier.yml'), 'name: {type: str}\n');
    writeFileSync(join(tree, 'hello.txt.jinja'), 'hello {{ name }}\n');
    writeFileSync(
      join(tree, '{{ _copier_conf.answers_file }}.jinja'),
      '{{ _copier_answers | to_nice_yaml }}',
    );
    await git(tree, 'init', '--quiet', '--initial-branch=main');
    await git(tree, 'add', '--all');
    await git(tree, 'commit', '--quiet', '--message=feat: begin');
    await git(tree, 'tag', 'v1.0.0');
    await forge.push(tree, 'platform', 'template', 'main', '--tags');
    backend = await startTestBackend({
      features: [
        import('@backstage/plugin-scaffolder-backend'),
        goldenPath,
        catalogServiceMock.factory(),
        mockServices.rootConfig.factory({
          data: {
            goldenpath: {
              python: PYTHON,
              templates: { allowedHosts: [forge.url] },
            },
            integrations: {
              gitea: [{ host: forge.host, baseUrl: forge.url }],
            },
          },
        }),
      ],
    });
  });

  after(async () => {
    await backend?.stop();
    await forge?.stop();
  });

  const ask = (path: string, body?: object) =>
    fetch(
      `http://localhost:${backend.server.port()}/api/scaffolder/v2${path}`,
      {
        method: body ? 'POST' : 'GET',
        body: body && JSON.stringify(body),
        headers: { 'Content-Type': 'application/json' },
      },
    ).then(response => response.json());

  it('has its actions, described', async () => {
    const actions: any[] = await ask('/actions');
    const own = actions.filter(({ id }) => id.startsWith('goldenpath:'));
    assert.deepEqual(own.map(({ id }) => id).sort(), [
      'goldenpath:adopt',
      'goldenpath:check',
      'goldenpath:copier:copy',
      'goldenpath:published',
    ]);
    for (const { description, examples, schema } of own) {
      assert.ok(
        description && examples.length && schema.input && schema.output,
      );
    }
    const copy = own.find(({ id }) => id === 'goldenpath:copier:copy');
    assert.deepEqual(copy.schema.input.required, ['url', 'values']);
  });

  it('shows in a dry run what would be made, and picks the publishing action by the host', async () => {
    const result = await ask('/dry-run', {
      template: {
        apiVersion: 'scaffolder.backstage.io/v1beta3',
        kind: 'Template',
        metadata: { name: 'hello' },
        spec: {
          type: 'service',
          parameters: [],
          steps: [
            {
              id: 'render',
              name: 'Render',
              action: 'goldenpath:copier:copy',
              input: {
                url: `${forge.url}/platform/template`,
                values: {
                  name: '${{ parameters.name }}',
                  absent: '${{ parameters.absent }}',
                },
              },
            },
            {
              id: 'gitea',
              name: 'Where it would be published',
              if: "${{ (parameters.repoUrl | integrationType) === 'gitea' }}",
              action: 'debug:log',
              input: { message: 'to Gitea' },
            },
            {
              id: 'github',
              name: 'Where it would not',
              if: "${{ (parameters.repoUrl | integrationType) === 'github' }}",
              action: 'debug:log',
              input: { message: 'to GitHub' },
            },
          ],
          output: { version: '${{ steps.render.output.version }}' },
        },
      },
      values: {
        name: 'Ada',
        repoUrl: `${forge.host}?owner=acme&repo=hello`,
      },
      secrets: {},
      directoryContents: [],
    });
    const files = result.directoryContents?.map(({ path }: any) => path);
    assert.deepEqual(
      files?.sort(),
      ['.copier-answers.yml', 'hello.txt'],
      JSON.stringify(result),
    );
    assert.equal(result.output.version, 'v1.0.0');
    const log = result.log.map((line: any) => line.body.message).join('\n');
    assert.match(log, /to Gitea/);
    assert.doesNotMatch(log, /to GitHub/);
  });
});
