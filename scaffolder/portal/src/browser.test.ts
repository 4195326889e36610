import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import AxeBuilder from '@axe-core/playwright';
import { git } from 'forge';
import { Browser, chromium, Locator, Page } from 'playwright-core';
import { Portal, until } from './portal';

/** Where pictures of what a person sees are kept; nowhere, unless it is set. */
const PICTURES = process.env.PORTAL_PICTURES;
const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const NAME = 'orders-api';
const COMPONENT = `/catalog/default/component/${NAME}`;
/** The part of a page that is the plugin's. */
const CONTENT = '[data-golden-path]';
const SCORECARD = `${COMPONENT}/scorecard`;
const REFUSED = 'As in payments-api: 2 to 40 lower-case letters';

describe('the portal in a browser', () => {
  const folder = mkdtempSync(join(tmpdir(), 'goldenpath-browser-'));
  let portal: Portal;
  let browser: Browser;
  let page: Page;

  before(async () => {
    if (PICTURES) mkdirSync(PICTURES, { recursive: true });
    [portal, browser] = await Promise.all([
      Portal.start(join(folder, 'portal'), {
        suite: process.env.GOLDENPATH_SUITE,
        quiet: true,
      }),
      chromium.launch({
        executablePath: CHROMIUM,
        // It makes a socket there, whose path may not be long.
        env: { ...process.env, TMPDIR: '/tmp' },
        args: [
          '--no-sandbox',
          '--disable-quic',
          '--disable-background-networking',
          '--disable-component-update',
          '--disable-sync',
        ],
      }),
    ]);
    // The animations of a page half done would be neither what a person reads nor twice the same.
    const context = await browser.newContext({
      baseURL: portal.url,
      viewport: { width: 1200, height: 1000 },
      colorScheme: 'light',
      reducedMotion: 'reduce',
      locale: 'en-GB',
    });
    page = await context.newPage();
    page.setDefaultTimeout(15_000);
    await page.goto('/');
    await page.getByRole('button', { name: 'Enter' }).click();
    await page.getByText('Acme Catalog').waitFor();
  });

  after(async () => {
    await browser?.close();
    await portal?.stop();
  });

  async function open(path: string, shows: (at: Page) => Locator) {
    await page.goto(path);
    await shows(page).waitFor();
  }

  async function picture(name: string) {
    if (!PICTURES) return;
    await page.screenshot({
      path: join(PICTURES, `${name}.png`),
      animations: 'disabled',
    });
  }

  /** The serious faults that axe finds in a part of the page. */
  async function faults(part: string): Promise<string[]> {
    await page.waitForTimeout(500);
    const { violations } = await new AxeBuilder({ page })
      .include(part)
      .analyze();
    return violations
      .filter(({ impact }) => ['serious', 'critical'].includes(impact ?? ''))
      .flatMap(({ id, nodes }) => nodes.map(node => `${id}: ${node.html}`));
  }

  /** Opens it in each theme, light at last: no serious fault is in what is the plugin's. */
  async function see(
    path: string,
    shows: (at: Page) => Locator,
    pictures: { light?: string; dark?: string } = {},
  ) {
    for (const colorScheme of ['dark', 'light'] as const) {
      await page.emulateMedia({ colorScheme });
      await open(path, shows);
      await page.locator(`[data-theme-mode=${colorScheme}]`).first().waitFor();
      assert.deepEqual(await faults(CONTENT), [], colorScheme);
      const name = pictures[colorScheme];
      if (name) await picture(name);
    }
  }

  /** Has every component judged now, until one has a tier. */
  async function judge(tier: string) {
    await until(`${NAME} is ${tier || 'below every tier'}`, 90, async () => {
      await portal
        .ask(
          'tech-insights/.backstage/scheduler/v1/tasks/goldenpath/trigger',
          {},
        )
        .catch(() => undefined);
      const { goldenpath } = await portal.ask(
        `tech-insights/facts/latest?entity=component:default/${NAME}&ids=goldenpath`,
      );
      return goldenpath?.facts.tier === tier;
    });
  }

  it('the templates are there to be chosen', async () => {
    await open('/create', at => at.getByText('Python service').first());
  });

  it('an invalid name is refused in the words of the questionnaire', async () => {
    await open('/create/templates/default/python-service', at =>
      at.getByLabel("The service's name"),
    );
    await page.getByLabel("The service's name").fill('Orders API');
    await page.getByLabel('Who owns it?').click();
    await page.getByRole('option', { name: 'Payments' }).click();
    await page.getByLabel('Who is paged?').fill('PABC123');
    await page.getByLabel('Where do people talk about it?').fill('payments');
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByText(REFUSED).first().waitFor();
    // Material UI's red, which Backstage has for every error, is below 4.5:1.
    const ours = (await faults('form')).filter(at => !at.includes('Mui-error'));
    assert.deepEqual(ours, []);
    await picture('invalid');
  });

  it('the form filled in makes a service, and links to it', async () => {
    const next = page.getByRole('button', { name: 'Next' });
    await page.getByLabel("The service's name").fill(NAME);
    await next.click();
    await page.getByLabel('Availability objective').waitFor();
    assert.deepEqual(await faults('form'), []);
    await next.click();
    await page.getByLabel('Repository').fill(NAME);
    await page.keyboard.press('Tab');
    await page.getByRole('button', { name: 'Review' }).click();
    await page.getByRole('button', { name: 'Create' }).click();
    const runbook = page.getByRole('link', { name: 'Runbook' });
    await runbook.waitFor({ timeout: 90_000 });
    // Backstage's log and progress bar have faults; what a Template gives to the page is its links.
    assert.deepEqual(await faults('a[href*="/acme/"]'), []);
    await picture('task');
    assert.equal(
      await runbook.getAttribute('href'),
      `${portal.forge.url}/acme/${NAME}/src/branch/main/docs/runbook.md`,
    );
    await until(`${NAME} is in the catalog`, 60, () =>
      portal
        .ask(`catalog/entities/by-name/component/default/${NAME}`)
        .catch(() => undefined),
    );
  });

  it('who opens the scorecard before it is judged reads what to do', async () => {
    await page.route('**/facts/latest*', route => route.fulfill({ json: {} }));
    await see(SCORECARD, at => at.getByText('Not judged yet'));
    await page.unroute('**/facts/latest*');
  });

  it('the scorecard shows the tier', async () => {
    await judge('gold');
    await see(SCORECARD, at => at.getByText('today'), { light: 'gold' });
    await page.getByText('Nothing is left to do').waitFor();
  });

  it('what a commit breaks is on top, with its fix guide', async () => {
    const clone = join(folder, 'broken');
    await git(folder, 'clone', '--quiet', portal.writable('acme', NAME), clone);
    await git(clone, 'rm', '--quiet', '.github/workflows/release.yml');
    await git(clone, 'commit', '--quiet', '--message=ci: release by hand');
    await git(clone, 'push', '--quiet');
    await judge('');
    await see(SCORECARD, at => at.getByText('today'), {
      light: 'scorecard',
      dark: 'dark',
    });
    await page.getByRole('link', { name: /^Fix guide of / }).waitFor();
  });

  it('a check opens by the keyboard, and leads to the line that proves it', async () => {
    const check = page.getByRole('button', { name: /has an owner whom/ });
    await check.focus();
    assert.equal(await check.getAttribute('aria-expanded'), 'false');
    await page.keyboard.press('Enter');
    assert.equal(await check.getAttribute('aria-expanded'), 'true');
    assert.match(
      (await page
        .getByRole('link', { name: /^catalog-info\.yaml:\d+$/ })
        .first()
        .getAttribute('href')) ?? '',
      new RegExp(
        `^${portal.forge.url}/acme/${NAME}/src/branch/main/catalog-info\\.yaml#L\\d+$`,
      ),
    );
    await page.keyboard.press('Tab');
    const focused = await page.evaluate(
      () => document.activeElement?.textContent,
    );
    assert.match(focused ?? '', /^catalog-info\.yaml:\d+$/);
  });

  it('the card leads from the overview to the scorecard', async () => {
    await see(COMPONENT, at => at.getByText('required checks met'));
    const link = page
      .getByRole('link', { name: 'Scorecard', exact: true })
      .last();
    await link.scrollIntoViewIfNeeded();
    await picture('card');
    await link.click();
    await page.waitForURL(`**${SCORECARD}`);
  });

  it('the page has every component, and what fails most', async () => {
    await see('/golden-path', at => at.getByRole('rowheader', { name: NAME }), {
      light: 'components',
    });
    await page.getByText('What fails most').waitFor();
    await page.getByRole('link', { name: NAME }).click();
    await page.waitForURL(`**${SCORECARD}`);
  });
});
