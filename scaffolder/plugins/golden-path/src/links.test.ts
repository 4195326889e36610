import { Entity } from '@backstage/catalog-model';
import { ConfigReader } from '@backstage/config';
import { ScmIntegrations } from '@backstage/integration';
import { Evidence } from './api/report';
import { evidenceAddress, guidePage, webAddress } from './links';

const integrations = ScmIntegrations.fromConfig(
  new ConfigReader({
    integrations: { gitea: [{ host: 'gitea.example.org' }] },
  }),
);

const at = (more: Partial<Evidence> = {}): Evidence => ({
  role: 'declared',
  path: 'docs/run book.md',
  line: 3,
  text: '',
  ...more,
});

const from = (source: string): Entity => ({
  apiVersion: 'backstage.io/v1alpha1',
  kind: 'Component',
  metadata: {
    name: 'shop',
    annotations: { 'backstage.io/source-location': source },
  },
});

describe('where evidence is', () => {
  it.each([
    [
      'url:https://github.com/acme/shop/tree/main/',
      'https://github.com/acme/shop/tree/main/docs/run%20book.md#L3',
    ],
    [
      'url:https://gitlab.com/acme/shop/-/tree/main/deep/',
      'https://gitlab.com/acme/shop/-/tree/main/docs/run%20book.md#L3',
    ],
    [
      'url:https://gitea.example.org/acme/shop/src/branch/main/deep/',
      'https://gitea.example.org/acme/shop/src/branch/main/docs/run%20book.md#L3',
    ],
  ])('is a line of %s', (source, address) => {
    expect(evidenceAddress(from(source), at(), integrations)).toBe(address);
  });

  it.each([
    ['a host that is not known', from('url:https://evil.example/x/'), at()],
    ['a folder', from('file:/srv/shop'), at()],
    [
      'what is missing',
      from('url:https://github.com/acme/shop/tree/main/'),
      at({ role: 'missing' }),
    ],
    [
      'another repository',
      from('url:https://github.com/acme/shop/tree/main/'),
      at({ source: 'acme/ci@main' }),
    ],
  ])('is not linked for %s', (_, entity, place) => {
    expect(evidenceAddress(entity, place, integrations)).toBeUndefined();
  });
});

describe("a check's guide", () => {
  const docs = 'https://github.com/goldenpath-dev/goldenpath/blob/main/docs';

  it('is a page of the golden path, if it is one of its checks', () => {
    expect(guidePage(`${docs}/checks/owner-declared.md`)).toBe(
      'checks/owner-declared',
    );
  });

  it.each([
    'https://handbook.acme.example/checks/owner-declared.md',
    `${docs}/checks/../../admin.md`,
    `${docs}/checks/a?b.md`,
    null,
    undefined,
  ])('is elsewhere where a report says %s', address => {
    expect(guidePage(address)).toBeUndefined();
  });
});

describe('an address', () => {
  it('is linked if it is one of the web, and nothing else is', () => {
    expect(webAddress('https://acme.example/a')).toBe('https://acme.example/a');
    // eslint-disable-next-line no-script-url
    expect(webAddress('javascript:alert(1)')).toBeUndefined();
    expect(webAddress('data:text/html,x')).toBeUndefined();
    expect(webAddress('//acme.example')).toBeUndefined();
    expect(webAddress(null)).toBeUndefined();
  });
});
