import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import pg from 'pg';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readPasswords } from '../../server/src/dev/postgres/secrets.ts';
import { type CliResult, runCli } from '../support/cli.ts';
import { logIn } from '../support/person.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';
import { type Look, type OpenBrowser, openChromium } from './chromium.ts';
import { findChromium } from './findChromium.ts';

const chromium = findChromium();
if (chromium === undefined) {
  process.stderr.write(
    'The checkout page is not walked through in a browser: no Chromium on PATH (apt-get install chromium), nor in STAGER_TEST_CHROMIUM.\n',
  );
}
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
/** Where pictures of all pages go, for people to look at; nowhere by default. */
const shots = process.env['STAGER_TEST_SHOTS'];
const PAYS = '4242 4242 4242 4242';
const LOOKS: readonly Look[] = (['light', 'dark'] as const).flatMap((theme) =>
  ([1280, 380] as const).map((width) => ({ theme, width })),
);

/** What the keyboard stops at, in an account that pays for Pro. */
const STEPS = [
  'Skip to the content',
  'stager',
  'Log out',
  'Choose Business',
  'Go on, and pay for each',
  'At most, in a period',
  'Save',
  'Payment method and invoices',
  'Cancel the plan',
];
/** In the page: what has the focus, and whether one sees that it has. */
const FOCUS = `(() => {
  const it = document.activeElement;
  const label = it.labels?.[0];
  const name = (label?.querySelector('b') ?? label ?? it).textContent.trim();
  const { outlineStyle, outlineWidth } = getComputedStyle(it);
  const { width, height, left, bottom } = it.getBoundingClientRect();
  return { name, seen: outlineStyle === 'solid' && outlineWidth === '3px' && width > 0 && height > 0 && left >= 0 && bottom > 0 };
})()`;

describe.skipIf(chromium === undefined)('the checkout page in Chromium', () => {
  let stack: TestStack;
  let browser: OpenBrowser;
  beforeAll(async () => {
    // People log in as themselves: with `--auto-approve`, whoever asks is the user demo.
    stack = await startTestStack({ args: [] });
    browser = await openChromium(chromium ?? '');
  });
  afterAll(async () => {
    await browser?.close();
    await stack?.stop();
  });

  type User = 'demo' | 'other';
  const tokens = new Map<User, string>();

  async function tokenOf(user: User): Promise<string> {
    const token = tokens.get(user) ?? (await logIn(stack, user, 'billing:read billing:write'));
    tokens.set(user, token);
    return token;
  }

  async function api(user: User, path: string, body?: object): Promise<Record<string, unknown>> {
    const token = await tokenOf(user);
    const response = await fetch(stack.apiUrl + path, {
      method: body ? 'POST' : 'GET',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    // An object, as the contract says of both operations that are asked here.
    return (await response.json()) as Record<string, unknown>;
  }

  /** As `stager billing checkout` prints it. */
  const link = async (user: User, plan: string) =>
    String((await api(user, '/v1/billing/checkout', { plan }))['url']);

  /** `stager billing checkout` in a terminal of its own: the link that it prints, and how it ends. */
  async function startCheckout(plan: string): Promise<{ link: string; ended: Promise<CliResult> }> {
    // The login of the terminal: this stack lets nobody in without a person.
    const env = { STAGER_API_URL: stack.apiUrl, STAGER_TOKEN: await tokenOf('demo') };
    let ended: Promise<CliResult> | undefined;
    const link = await new Promise<string>((resolve, reject) => {
      ended = runCli(['billing', 'checkout', '--plan', plan, '--no-browser'], {
        env,
        onStderr(_child, text) {
          const printed = /\bhttp:\S+ticket=\S+(?=\s)/.exec(text)?.[0];
          if (printed) resolve(printed);
        },
      });
      ended.then(({ stderr }) => reject(new Error(`no link: ${stderr}`)), reject);
    });
    if (!ended) throw new Error('the command was not started');
    return { link, ended };
  }

  /** What the terminal is told. */
  async function planOf(user: User): Promise<unknown> {
    const { plan } = await api(user, '/v1/billing');
    return Object(plan)['id'];
  }

  async function approve(page: Page, user: User): Promise<void> {
    await page.check(`input[name=user][value=${user}]`);
    await page.click('button[value=approve]');
    // With its style: a click waits until the next page has begun, and a key would come before there is anything to see.
    await page.waitForURL(`${stack.apiUrl}/**`);
  }

  async function fillCard(page: Page, number: string): Promise<void> {
    await page.fill('#number', number);
    await page.fill('#expiry', '12/40');
    await page.fill('#cvc', '123');
  }

  async function payWith(page: Page, number: string): Promise<void> {
    await fillCard(page, number);
    await page.click('button.primary');
  }

  /** As somebody who is in a hurry. */
  async function payTwice(page: Page, number: string): Promise<void> {
    await fillCard(page, number);
    await page.dblclick('button.primary');
  }

  /** As half an hour later. */
  async function expireLinks(): Promise<void> {
    const url = new URL(stack.env['STAGER_ADMIN_DATABASE_URL'] ?? '');
    const passwords = readPasswords(join(stack.dataDir, 'postgres'));
    url.username = 'stager_owner';
    url.password = passwords.stager_owner;
    const client = new pg.Client(url.href);
    await client.connect();
    await client.query('UPDATE checkout_tickets SET expires_at = now() WHERE used_at IS NULL');
    await client.end();
  }

  /** To be asked until it is as it should be: a click ends before the next page is there. */
  const title = (page: Page) => page.textContent('h1');
  /** How the plan stands, on a page that is fresh. */
  async function badge(page: Page): Promise<string | null> {
    await page.goto(`${stack.apiUrl}/billing`);
    return page.textContent('.now .badge');
  }

  const cookieNames = async (context: BrowserContext) =>
    (await context.cookies(stack.apiUrl))
      .map(({ name }) => name)
      // The issuer of the stack is on the same host, and ports do not part cookies.
      .filter((name) => !name.startsWith('stager_issuer'))
      .toSorted();

  test('without JavaScript: from the command to its word that the plan is active, a declined card on the way', async () => {
    const context = await browser.context({ javaScript: false });
    const page = await context.newPage();
    const { link: url, ended } = await startCheckout('pro');
    await page.goto(url);
    expect(page.url()).toContain(stack.env['STAGER_DEV_ISSUER']);
    await approve(page, 'demo');
    expect(page.url()).toBe(url);
    await expect.poll(() => title(page)).toBe('Buy Pro');
    expect(await cookieNames(context)).toEqual(['__Host-stager_csrf', '__Host-stager_session']);
    await page.click('text=Continue to payment');
    await payWith(page, '4000 0000 0000 0002');
    await expect.poll(() => page.textContent('[role=alert]')).toMatch(/declined/);
    expect(await planOf('demo')).toBe('dev');
    await payTwice(page, PAYS);
    await page.waitForURL(/\/billing\/success/);
    await page.waitForSelector('h1:has-text("Pro is active")');
    expect(await planOf('demo')).toBe('pro');
    const { items } = await api('demo', '/v1/billing/invoices');
    expect(items).toMatchObject([{ status: 'paid' }]);
    const { code, stdout } = await ended;
    expect([code, stdout]).toEqual([0, expect.stringMatching(/pro is in force[\s\S]*active, renews/)]);

    // The link has done its work, and says so.
    await page.goto(url);
    await expect.poll(() => title(page)).toBe('Pro is active');
    await context.close();
  });

  test('plan and usage, the portal, canceling and going on, and the logout', async () => {
    const context = await browser.context({ javaScript: false });
    const page = await context.newPage();
    await page.goto(`${stack.apiUrl}/billing`);
    await approve(page, 'demo');
    expect(await page.textContent('.tier.current h3')).toBe('Pro');
    await page.click('text=Payment method and invoices');
    await page.click('text=Back');
    await page.waitForURL(`${stack.apiUrl}/billing`);
    await page.click('text=Cancel the plan');
    await page.click('button:has-text("Cancel Pro")');
    await page.waitForURL(/done=canceled/);
    await expect.poll(() => badge(page)).toBe('Canceled');
    await page.click('button:has-text("Keep Pro")');
    await expect.poll(() => badge(page)).toBe('Active');

    await page.check('input[value=on]');
    await page.fill('#cap', 'many');
    await page.click('button:has-text("Save")');
    await expect.poll(() => page.textContent('#cap-error')).toContain('whole number');
    expect(await page.inputValue('#cap')).toBe('many');
    await page.fill('#cap', '25');
    await page.click('button:has-text("Save")');
    await expect.poll(() => page.textContent('[role=status]')).toBe('Saved.');

    await page.click('text=Log out');
    await page.click('button[value=yes]');
    await page.waitForURL(/\/billing\/logout/);
    await expect.poll(() => title(page)).toBe('You are logged out');
    expect(await cookieNames(context)).toEqual([]);
    // Going back shows nothing of the account, and the issuer asks who it is.
    for (let i = 0; i < 3; i++) {
      // Chromium does not go back to what answered a form, and shows a page of its own some moments later.
      await page.goBack().catch(() => null);
      const shown = () => page.content().catch(() => 'Plan and usage, perhaps');
      await expect.poll(shown).not.toContain('Plan and usage');
    }
    await page.goto(`${stack.apiUrl}/billing`);
    expect(page.url()).toContain(stack.env['STAGER_DEV_ISSUER']);
    await context.close();
  });

  test('a double click, coming back, leaving without paying, 3-D Secure, another person’s link', async () => {
    const context = await browser.context();
    const page = await context.newPage();
    const url = await link('other', 'pro');
    await page.goto(url);
    await approve(page, 'other');
    await page.dblclick('text=Continue to payment');
    await page.waitForSelector('#number');
    await page.goBack();
    await page.goto(url);
    await expect.poll(() => title(page)).toBe('This link was used already');
    await page.click('text=Go on with Pro');
    await page.click('text=Continue to payment');
    await page.click('text=Cancel and go back');
    await expect.poll(() => title(page)).toBe('You have not paid');
    await page.click('text=Go on with Pro');
    await page.click('text=Continue to payment');
    await payWith(page, '4000 0025 0000 3155');
    await page.click('button[value=fail]');
    expect(await planOf('other')).not.toBe('pro');
    await payWith(page, '4000 0025 0000 3155');
    await page.click('button[value=complete]');
    await page.waitForSelector('h1:has-text("Pro is active")');
    expect(await planOf('other')).toBe('pro');

    const late = await link('other', 'business');
    await page.goto(late);
    await expireLinks();
    await page.click('button:has-text("Change to Business")');
    await expect.poll(() => title(page)).toBe('This link has expired');
    await page.goto(late);
    await expect.poll(() => title(page)).toBe('This link has expired');
    await page.click('text=Go on with Business');
    await expect.poll(() => title(page)).toBe('Change to Business');
    expect(await planOf('other')).toBe('pro');

    await page.goto(await link('demo', 'business'));
    await expect.poll(() => title(page)).toBe('This link is for another account');
    await page.click('text=Log in as somebody else');
    await approve(page, 'demo');
    await expect.poll(() => title(page)).toBe('Change to Business');
    await context.close();
  });

  test('the page that waits stays where it is, says what changes, and leaves when the plan is active', async () => {
    const context = await browser.context();
    const page = await context.newPage();
    await page.goto(`${stack.apiUrl}/billing`);
    await approve(page, 'other');
    let asked = 0;
    // As when time flies: it says that it takes long, and asks again at once.
    await page.route('**/billing/state?*', async (route) => {
      const url = new URL(route.request().url());
      url.searchParams.set('look', asked++ === 0 ? '0' : '7');
      const answer = await route.fetch({ url: url.href });
      const body: object = await answer.json();
      await route.fulfill({ response: answer, json: { ...body, seconds: 0.2 } });
    });
    await page.evaluate(`location.href = '/billing/success?plan=business'`);
    await page.waitForURL(/live=1$/);
    const loads: string[] = [];
    page.on('framenavigated', (frame) => loads.push(frame.url()));
    const status = await page.waitForSelector('[role=status]');
    await expect.poll(() => status.textContent()).toContain('You need not stay');
    expect(loads).toEqual([]);
    const tab = await context.newPage();
    await tab.goto(`${stack.apiUrl}/billing/checkout?plan=business`);
    await tab.click('button:has-text("Change to Business")');
    await page.waitForSelector('h1:has-text("Business is active")');
    expect(loads).toHaveLength(1);
    await context.close();
  });

  test.each(LOOKS)('every page is accessible and fits at $width pixels, $theme', async (look) => {
    const context = await browser.context(look);
    const page = await context.newPage();
    await page.goto(`${stack.apiUrl}/billing`);
    await approve(page, 'demo');
    const PAGES = {
      overview: '/billing',
      order: '/billing/checkout?plan=business',
      cancel: '/billing/cancel',
      wait: '/billing/success?plan=business&live=1',
      late: '/billing/success?plan=business&look=18',
      active: '/billing/success?plan=pro',
      canceled: '/billing/canceled?plan=pro',
      broken: '/billing/checkout?ticket=x',
      nowhere: '/billing/nowhere',
      loggedOut: '/billing/logout',
    };
    for (const [name, path] of Object.entries(PAGES)) {
      await page.goto(stack.apiUrl + path);
      await inspect(page, name, look);
    }
    await page.goto(`${stack.apiUrl}/billing`);
    await page.fill('#cap', '1.000');
    await page.click('button:has-text("Save")');
    // Without a script: the browser goes to the field, and a screen reader says it with what is wrong.
    await expect.poll(() => page.evaluate('document.activeElement.id')).toBe('cap');
    await inspect(page, 'invalid', look);
    await context.close();
  });

  test('with the keyboard alone: each step can be seen, and comes in the order of the page', async () => {
    const context = await browser.context({ javaScript: false });
    const page = await context.newPage();
    await page.goto(`${stack.apiUrl}/billing`);
    await approve(page, 'demo');
    const steps: unknown[] = [];
    for (let i = 0; i < STEPS.length; i++) {
      await page.keyboard.press('Tab');
      steps.push(await page.evaluate(FOCUS));
    }
    expect(steps).toEqual(STEPS.map((name) => ({ name, seen: true })));
    await page.goto(`${stack.apiUrl}/billing`);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.waitForURL(/#main$/);
    await page.keyboard.press('Tab');
    expect(await page.evaluate(FOCUS)).toMatchObject({ name: 'Choose Business' });
    await page.keyboard.press('Enter');
    await page.waitForSelector('h1:has-text("Change to Business")');
    await context.close();
  });

  test('a payment that failed is told, and paid with another card, and the plan goes on', async () => {
    const look: Look = { theme: 'dark', width: 380 };
    const context = await browser.context(look);
    const page = await context.newPage();
    await page.goto(`${stack.apiUrl}/billing`);
    await approve(page, 'other');
    expect(await badge(page)).toBe('Active');
    await fetch(`${stack.env['STAGER_DEV_PAYMENTS']}/v1/_fake/trigger`, {
      method: 'POST',
      headers: { authorization: `Bearer ${stack.env['STAGER_DEV_PAYMENTS_KEY']}` },
      body: new URLSearchParams({ type: 'invoice.payment_failed' }),
    });
    await expect.poll(() => badge(page)).toBe('Payment failed');
    await inspect(page, 'unpaid', look);
    await page.goto(await link('other', 'pro'));
    await expect.poll(() => title(page)).toBe('Business is not paid');
    await inspect(page, 'pay-first', look);
    await page.click('text=Pay the invoice');
    await fillCard(page, PAYS);
    await page.click('text=Use this card');
    await page.click('tr:has-text("open") a');
    await page.click('button.primary');
    await expect.poll(() => page.textContent('.amount')).toContain('paid');
    await expect.poll(() => badge(page)).toBe('Active');
    await page.goto(await link('other', 'pro'));
    await expect.poll(() => title(page)).toBe('Change to Pro');
    await context.close();
  });

  async function inspect(page: Page, name: string, { theme, width }: Look): Promise<void> {
    await page.waitForLoadState();
    if (shots) await page.screenshot({ path: join(shots, `${name}-${theme}-${width}.png`), fullPage: true });
    // Beside the page's policy, which lets no script run, in a world of its own.
    const found = await violations(page);
    expect([name, found]).toEqual([name, []]);
    const wide = await page.evaluate('document.documentElement.scrollWidth');
    expect([name, wide]).toEqual([name, width]);
  }

  async function violations(page: Page): Promise<string[]> {
    const run = `${AXE}; axe.run().then(({ violations }) => violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ': ' + html.slice(0, 200))))`;
    // What axe answers is mapped to text in the page.
    return (await page.evaluate(run)) as string[];
  }
});
