import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import AxeBuilder from '@axe-core/playwright';
import { git } from 'forge';
import { Browser, chromium, Locator, Page } from 'playwright-core';
import { Facts, kept } from './facts';
import { Portal, until } from './portal';
import { register } from './scan';

/** Where pictures of what a person sees are kept; nowhere, unless it is set. */
const PICTURES = process.env.PORTAL_PICTURES;
const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const NAME = 'orders-api';
const COMPONENT = `/catalog/default/component/${NAME}`;
/** The part of a page that is the plugin's. */
const CONTENT = '[data-golden-path]';
const SCORECARD = `${COMPONENT}/scorecard`;
const MANY = 200;
const REFUSED = 'As in payments-api: 2 to 40 lower-case letters';

/** The faults of what Backstage itself has on its pages. */
const BACKSTAGES = [
  // A tab names a panel that is not there.
  /^aria-valid-attr-value: <a class="bui-Tab /,
  // Material UI's red of what a form refuses is below 4.5:1.
  /^color-contrast: <(label|p) class="[^"]*\bMui-error\b/,
  // The log of a task, the field to search in it, and the bar above it.
  /^(aria-required-(children|parent)|color-contrast): <a role="row"/,
  /^color-contrast: <span class="jss/,
  /^button-name: <button class="[^"]*\bMuiIconButton-sizeSmall\b/,
  /^aria-progressbar-name: <div class="MuiLinearProgress-root/,
];

const isNew = (fault: string): boolean =>
  !BACKSTAGES.some(known => known.test(fault));

describe('the portal in a browser', () => {
  const folder = mkdtempSync(join(tmpdir(), 'goldenpath-browser-'));
  const database = join(folder, 'database');
  let portal: Portal;
  let facts: Facts;
  let browser: Browser;
  let page: Page;

  before(async () => {
    if (PICTURES) mkdirSync(PICTURES, { recursive: true });
    mkdirSync(database);
    const config = join(folder, 'app-config.database.yaml');
    writeFileSync(config, kept(database));
    [portal, browser] = await Promise.all([
      Portal.start(join(folder, 'portal'), {
        suite: process.env.GOLDENPATH_SUITE,
        quiet: true,
        configs: [config],
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
    facts = new Facts(database);
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
    facts?.close();
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

  /** The serious faults that axe finds in a part of the page, and around it all but those that Backstage has. */
  async function faults(part: string): Promise<string[]> {
    await page.waitForTimeout(500);
    const found = async (axe: AxeBuilder) => {
      const { violations } = await axe.analyze();
      return violations
        .filter(({ impact }) => ['serious', 'critical'].includes(impact ?? ''))
        .flatMap(({ id, nodes }) => nodes.map(node => `${id}: ${node.html}`));
    };
    const within = await found(new AxeBuilder({ page }).include(part));
    const around = await found(new AxeBuilder({ page }).exclude(part));
    return [...within, ...around.filter(isNew)];
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

  /** Waits until TechDocs has built a page, and shows it. */
  async function reads(title: string) {
    await page
      .getByRole('heading', { name: new RegExp(`^${title}\\b`), level: 1 })
      .waitFor({ timeout: 90_000 });
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
    assert.deepEqual((await faults('form')).filter(isNew), []);
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
    assert.deepEqual(await faults('a[href*="/acme/"]'), []);
    await picture('task');
    const task = page.url();
    await until(`${NAME} is in the catalog`, 60, () =>
      portal
        .ask(`catalog/entities/by-name/component/default/${NAME}`)
        .catch(() => undefined),
    );
    await page.goto(task);
    await runbook.click();
    await page.waitForURL(`**/docs/default/component/${NAME}/runbook`);
    await reads('Runbook');
    await picture('runbook');
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

  it('the guide of what fails is a page of the portal', async () => {
    const guide = page
      .getByRole('link', { name: /^How to meet / })
      .and(page.locator('[href^="/docs/"]'))
      .first();
    const check = (await guide.innerText()).replace('How to meet ', '');
    await guide.click();
    await page.waitForURL(
      `**/docs/default/component/goldenpath/checks/${check}`,
    );
    await reads(check);
    await picture('guide');
    await page.goBack();
    await page
      .getByRole('link', { name: /^Fix guide of / })
      .and(page.locator('[href^="/docs/default/component/goldenpath/checks/"]'))
      .waitFor();
  });

  it('the history has the days on which a tier was reached or lost', async () => {
    const gold = facts.of(NAME, 'gold');
    const day = (ago: number) => new Date(Date.now() - ago * 86_400_000);
    for (const [ago, found] of [
      [80, { tier: '' }],
      [61, { tier: 'bronze' }],
      [60, { tier: 'bronze' }],
      [33, { tier: 'silver' }],
      // Of a day on which nobody could tell nothing is known, also not that a tier was lost.
      [20, { tier: '', reason: 'the host refuses', report: null }],
      [9, { tier: 'gold' }],
    ] as const) {
      facts.add(NAME, day(ago), { ...gold, ...found });
    }
    const since = (ago: number) =>
      day(ago).toLocaleDateString('en-GB', { dateStyle: 'medium' });
    await see(SCORECARD, at => at.getByText('today'));
    const table = page.getByRole('table', { name: /^Tiers reached and lost/ });
    const rows = await table.getByRole('row').allInnerTexts();
    assert.deepEqual(
      rows.slice(1).map(row => row.trim().split(/\t/)),
      [
        [since(80), 'No tier'],
        [since(61), 'Bronze'],
        [since(33), 'Silver'],
        [since(9), 'Gold'],
        [since(0), 'No tier'],
      ],
    );
    await page.getByText('today').scrollIntoViewIfNeeded();
    await picture('history');
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

  it(`the page has ${MANY} components, to be filtered and sorted by the keyboard`, async () => {
    const names = [...Array(MANY).keys()].map(number => `service-${number}`);
    await register(portal, folder, names);
    const [gold, below] = [facts.of(NAME, 'gold'), facts.of(NAME, '')];
    names.forEach((name, at) =>
      facts.add(name, new Date(), at % 4 ? gold : below),
    );

    const start = Date.now();
    await page.goto('/golden-path');
    await page
      .getByRole('rowheader', { name: 'service-0', exact: true })
      .waitFor({ timeout: 60_000 });
    const seconds = (Date.now() - start) / 1000;
    process.stdout.write(`# ${MANY} components are shown in ${seconds} s\n`);
    assert.deepEqual(await faults(CONTENT), []);

    await page.getByRole('button', { name: /Tier/ }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('option', { name: 'Gold' }).waitFor();
    await page.keyboard.type('Gold');
    await page.keyboard.press('Enter');
    await page.getByText(/^1 - 20 of 15\d$/).waitFor();

    await page.getByRole('columnheader', { name: 'Component' }).focus();
    await page.keyboard.press('Enter');
    await page.locator('[role=columnheader][aria-sort=ascending]').waitFor();
    const sorted = await page.getByRole('rowheader').allInnerTexts();
    assert.deepEqual(
      sorted,
      [...sorted].sort((a, b) => a.localeCompare(b)),
    );
  });
});
