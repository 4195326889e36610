import { Entity } from '@backstage/catalog-model';
import { ConfigReader } from '@backstage/config';
import {
  renderInTestApp,
  TestApiProvider,
} from '@backstage/frontend-test-utils';
import { ScmIntegrations } from '@backstage/integration';
import { scmIntegrationsApiRef } from '@backstage/integration-react';
import { catalogApiRef, EntityProvider } from '@backstage/plugin-catalog-react';
import { catalogApiMock } from '@backstage/plugin-catalog-react/testUtils';
import { configure, screen, within } from '@testing-library/react';
import '@testing-library/jest-dom';
import userEvent from '@testing-library/user-event';
import { GoldenPathApi, goldenPathApiRef } from '../api/GoldenPathApi';
import { Report } from '../api/report';
import found from '../fixtures/report.json';
import { ScorecardTab } from './ScorecardTab';

// A machine that runs other tests beside these takes its time over the first page.
configure({ asyncUtilTimeout: 20_000 });
jest.setTimeout(30_000);

/** What `goldenpath check --format json` wrote of a component with one verdict of each kind. */
const REPORT = found as Report;
const SHOP: Entity = {
  apiVersion: 'backstage.io/v1alpha1',
  kind: 'Component',
  metadata: {
    name: 'shop',
    annotations: {
      'backstage.io/source-location':
        'url:https://github.com/acme/shop/tree/main/',
    },
  },
};

function judged(report: Report | null, reason = ''): GoldenPathApi {
  const at = {
    at: '2026-11-26T08:00:00Z',
    facts: { tier: '', reason, report },
  };
  return { latest: async () => at, history: async () => [at] };
}

async function show(api: GoldenPathApi) {
  await renderInTestApp(
    <TestApiProvider
      apis={[
        [goldenPathApiRef, api],
        [catalogApiRef, catalogApiMock()],
        [
          scmIntegrationsApiRef,
          ScmIntegrations.fromConfig(new ConfigReader({})),
        ],
      ]}
    >
      <EntityProvider entity={SHOP}>
        <ScorecardTab />
      </EntityProvider>
    </TestApiProvider>,
  );
}

/** Opens a check, and gives what it then shows. */
async function open(name: RegExp): Promise<HTMLElement> {
  const check = await screen.findByRole('button', { name });
  if (check.getAttribute('aria-expanded') === 'false') {
    await userEvent.click(check);
  }
  return document.getElementById(check.getAttribute('aria-controls')!)!;
}

describe('the scorecard', () => {
  it('says what is reached, and what to do next', async () => {
    await show(judged(REPORT));
    expect(
      await screen.findByRole('heading', { name: 'No tier' }),
    ).toBeVisible();
    expect(
      screen.getByRole('heading', {
        name: 'Bronze: 2 of 3 required checks met',
      }),
    ).toBeVisible();
    expect(
      screen.getByRole('link', { name: 'Fix guide of code-owned' }),
    ).toHaveAttribute('href', REPORT.components[0].next!.docs);
  });

  it('names the contract with those that it extends', async () => {
    const bases = [{ name: 'standard', version: '0.9.0' }];
    const contract = { ...REPORT.contract, extends: bases };
    await show(judged({ ...REPORT, contract }));
    expect(
      await screen.findByText(/by the contract .*, which extends standard 0/),
    ).toBeVisible();
  });

  it('links what is met to its line', async () => {
    await show(judged(REPORT));
    const check = await open(/^Met .*has an owner whom/);
    expect(
      within(check).getByRole('link', { name: 'catalog-info.yaml:4' }),
    ).toHaveAttribute(
      'href',
      'https://github.com/acme/shop/tree/main/catalog-info.yaml#L4',
    );
  });

  it('says who waived a check, until when and why', async () => {
    await show(judged(REPORT));
    expect(
      await open(/^Waived .*where people talk about it/),
    ).toHaveTextContent(
      'Waived until 2027-01-15, approved by security: The team moves to another chat',
    );
  });

  it('says why a file that cannot be read leaves a check unknown', async () => {
    await show(judged(REPORT));
    expect(
      await open(/^Unknown .*owner who reviews its changes/),
    ).toHaveTextContent('Unknown because it is too large to be configuration');
  });

  it('shows hostile texts as texts, and links none of their addresses', async () => {
    const hostile = JSON.parse(
      JSON.stringify(REPORT)
        .replaceAll(/"docs":"[^"]*"/g, '"docs":"javascript:alert(1)"')
        .replaceAll(/"path":"[^"]*"/g, '"path":"javascript:alert(1)"')
        .replaceAll(
          /"summary":"[^"]*"/g,
          '"summary":"<img src=x onerror=alert(1)>"',
        ),
    );
    await show(judged(hostile));
    await open(/^Met /);
    expect(
      (await screen.findAllByText(/<img src=x onerror=alert\(1\)>/)).length,
    ).toBeGreaterThan(3);
    expect(document.querySelector('[src=x]')).toBeNull();
    const links = screen
      .getAllByRole('link')
      .map(link => link.getAttribute('href'));
    expect(
      links.filter(href => !href?.startsWith('https://github.com/')),
    ).toEqual([]);
  });
});

describe('where there is no scorecard', () => {
  it.each<[string, GoldenPathApi]>([
    [
      'Not judged yet',
      { latest: async () => undefined, history: async () => [] },
    ],
    ['Every check is unknown', judged(null, 'the host refuses')],
    [
      'Not judged',
      judged({
        ...REPORT,
        components: [{ ...REPORT.components[0], in_scope: false }],
      }),
    ],
    [
      'The scorecard could not be read',
      {
        latest: async () => {
          throw new Error('503');
        },
        history: async () => [],
      },
    ],
  ])('the page says: %s', async (title, api) => {
    await show(api);
    expect(await screen.findByText(title)).toBeVisible();
  });
});
