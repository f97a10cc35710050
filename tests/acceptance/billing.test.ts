import { execFile } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Billing, Stager } from '@stager/sdk';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Browser, type Page } from '../../server/src/dev/issuer/testing.ts';
import { type CliResult, runCli } from '../support/cli.ts';
import { databaseUrls, pidsOf } from '../support/keptProcess.ts';
import { makePhoto } from '../support/photos.ts';
import { cleanEnv, makeTempDir, repoRoot, startTestStack, type TestStack } from '../support/stack.ts';

/** Small enough to be used up. */
const PLANS = { free: { limit: 2 }, pro: { limit: 3 } };
const PHOTOS = 8;
const PAYS = '4242 4242 4242 4242';
const DECLINED = '4000 0000 0000 0002';

let stack: TestStack;
let dir: string;
/** In which somebody logs in at the first link. */
const browser = new Browser();

beforeAll(async () => {
  stack = await startTestStack({ env: { STAGER_PLANS: JSON.stringify(PLANS) } });
  dir = makeTempDir('stager-billing');
  for (let at = 0; at < PHOTOS; at += 1) {
    writeFileSync(join(dir, `room-${at}.jpg`), (await makePhoto(700 + at)).bytes);
  }
  const login = await stager('login', '--no-browser');
  expect(login.code, login.stderr).toBe(0);
});
afterAll(async () => {
  await stack?.stop();
  rmSync(dir, { recursive: true, force: true });
});

const environment = () => ({ STAGER_API_URL: stack.apiUrl, STAGER_CONFIG_DIR: join(dir, 'config') });
const stager = (...args: string[]): Promise<CliResult> => runCli(args, { cwd: dir, env: environment() });

const json = (result: CliResult) => JSON.parse(result.stdout);
const status = async () => json(await stager('billing', 'status', '--json'));
/** The same, asked again and again without a process for each. */
const awaited = async () =>
  new Billing(new Stager({ baseUrl: stack.apiUrl, token: await stack.token() })).status();
const POLL = { interval: 200 };
const upload = (...rooms: number[]) =>
  stager('upload', ...rooms.map((at) => `room-${at}.jpg`), '--engine', 'finish', '--wait', '--json');

/** A script of the repository, as `npm run` starts it. */
async function run(script: string, args: readonly string[], env: Record<string, string> = {}) {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--conditions=stager-dev', join(repoRoot, script), ...args],
    { env: { ...cleanEnv(), ...env } },
  );
  return stdout;
}
const stripe = async (...args: string[]) =>
  JSON.parse(await run('server/src/dev/stripe/main.ts', [...args, '--data', stack.dataDir]));

/** As Stripe's dashboard does. */
async function askStripe(path: string, body?: URLSearchParams) {
  const { STAGER_DEV_PAYMENTS: url, STAGER_DEV_PAYMENTS_KEY: key } = stack.env;
  const headers = { authorization: `Bearer ${key}` };
  const response = await fetch(url + path, body ? { method: 'POST', headers, body } : { headers });
  expect(response.status).toBe(200);
  return JSON.parse(await response.text());
}

/** As a day later. */
async function forgetComparisons(): Promise<void> {
  const client = new pg.Client(databaseUrls(stack.dataDir)('stager_owner'));
  await client.connect();
  await client.query('DELETE FROM stripe_checks');
  await client.end();
}

/** Goes where a browser would go, from one server to the next. */
async function visit(url: string | URL, init?: RequestInit): Promise<Page> {
  let page = await browser.follow(url, init);
  for (let hops = 0; page.location && hops < 10; hops += 1) page = await browser.follow(page.location);
  return page;
}

/** Sends a form of a page of ours. */
function press(path: string, page: Page, fields: Record<string, string> = {}): Promise<Page> {
  return visit(stack.apiUrl + path, {
    method: 'POST',
    body: new URLSearchParams({ ...page.fields, ...fields }),
    headers: { origin: stack.apiUrl, 'sec-fetch-site': 'same-origin' },
  });
}

const payWith = (page: Page, number: string) =>
  visit(page.response.url, {
    method: 'POST',
    body: new URLSearchParams({ number, expiry: '12/40', cvc: '123' }),
  });

/** Runs `stager billing checkout`, and meanwhile opens the link that it prints. */
async function checkout(plan: string, inBrowser: (page: Page, link: string) => Promise<unknown>) {
  let opened: Promise<unknown> | undefined;
  const bought = await runCli(['billing', 'checkout', '--plan', plan, '--no-browser', '--json'], {
    env: environment(),
    onStderr(child, text) {
      const link = /\bhttp:\S+ticket=\S+(?=\s)/.exec(text)?.[0];
      if (!link || opened) return;
      opened = openLink(link).then((page) => inBrowser(page, link));
      // What fails in the browser is told at once: the terminal would wait for it.
      opened.catch(() => child.kill());
    },
  });
  await opened;
  expect(bought.code, bought.stderr).toBe(0);
  return JSON.parse(bought.stdout.trim().split('\n').at(-1) ?? '');
}

async function openLink(link: string): Promise<Page> {
  const page = await visit(link);
  if (page.response.url.startsWith(stack.apiUrl)) return page;
  const back = await page.submit({ user: 'demo', decision: 'approve' });
  return back.location ? visit(back.location) : back;
}

test('a used-up plan makes what there is room for, and says where to go', async () => {
  const told = await run('server/src/start/admin.ts', ['set-plan', 'auth0|demo', 'free'], {
    STAGER_ADMIN_DATABASE_URL: stack.env['STAGER_ADMIN_DATABASE_URL'] ?? '',
  });
  expect(told).toContain('is on free');
  const some = await upload(0, 1, 2);
  expect(some.code).toBe(1);
  const { summary, files, next } = json(some);
  expect(summary).toMatchObject({ ready: 2, failed: 1 });
  // Whichever of them was sent last.
  const refused = files.findIndex(({ error }: { error: object | null }) => error !== null);
  expect(files[refused]).toMatchObject({ error: { code: 'quota_exceeded' } });
  expect(next).toContainEqual(expect.objectContaining({ command: 'stager billing plans' }));
  const none = await upload(refused);
  expect([none.code, json(none).error]).toMatchObject([
    1,
    { code: 'quota_exceeded', hint: expect.stringContaining(`${stack.apiUrl}/billing`) },
  ]);
  expect(await status()).toMatchObject({ plan: { id: 'free' }, used: 2, remaining: 0 });
});

test('bought in the browser, with a declined card on the way, the terminal says active and goes on', async () => {
  const active = await checkout('pro', async (order, link) => {
    expect(order.title).toBe('Buy Pro');
    const page = await press('/billing/buy', order);
    const refused = await payWith(page, DECLINED);
    expect(refused.text).toContain('declined');
    expect((await status()).plan.id).toBe('free');
    const paid = await payWith(page, PAYS);
    expect(paid.response.url).toContain('/billing/success?plan=pro');
    // The link has done its work.
    await expect.poll(async () => (await visit(link)).title).toBe('Pro is active');
  });
  expect(active).toMatchObject({ type: 'active', plan: 'pro', billing: { remaining: 3 } });
  expect(json(await stager('whoami', '--json')).account.plan).toBe('pro');
  const rest = await upload(0, 1, 2);
  expect([rest.code, json(rest).summary]).toMatchObject([0, { ready: 3, reused: 2 }]);
  expect(await status()).toMatchObject({ used: 1, remaining: 2 });
});

test('images above the limit are made up to the cap, reported once each, and on the next invoice', async () => {
  expect((await stager('billing', 'pay-as-you-go', 'on', '--cap', '2', '--yes')).code).toBe(0);
  const { summary } = json(await upload(3, 4, 5, 6, 7));
  expect(summary).toMatchObject({ ready: 4, failed: 1 });
  expect(await status()).toMatchObject({ used: 5, overage: 2, remaining: 0 });
  await expect.poll(async () => (await stripe('meters')).items.length).toBe(2);
  const before = (await status()).period;
  await stripe('advance', '1mo');
  await expect.poll(async () => (await awaited()).period.start, POLL).toBe(before.end);
  expect(await status()).toMatchObject({ plan: { id: 'pro' }, used: 0, overage: 0, remaining: 5 });
  const [latest, first] = json(await stager('billing', 'invoices', '--json'));
  expect([latest, first]).toMatchObject([
    { totalCents: 2_900 + 2 * 35, status: 'paid' },
    { totalCents: 2_900, status: 'paid' },
  ]);
});

test('a larger plan at once, canceled and kept, a smaller one with the next period', async () => {
  const larger = await checkout('business', (order) => {
    expect(order.title).toBe('Change to Business');
    return press('/billing/buy', order);
  });
  expect(larger).toMatchObject({ type: 'active', billing: { plan: { id: 'business' } } });
  const canceling = await visit(`${stack.apiUrl}/billing/cancel`);
  await press('/billing/cancel', canceling);
  await expect.poll(async () => (await awaited()).subscription?.cancelAtPeriodEnd, POLL).toBe(true);
  const kept = await checkout('business', (order) => {
    expect(order.title).toBe('Keep Business');
    return press('/billing/buy', order);
  });
  expect(kept).toMatchObject({ type: 'active', billing: { subscription: { cancelAtPeriodEnd: false } } });
  const smaller = await checkout('pro', (order) => press('/billing/buy', order));
  expect(smaller).toMatchObject({ type: 'scheduled', billing: { plan: { id: 'business' } } });
  await stripe('advance', '1mo');
  await expect.poll(async () => (await awaited()).plan.id, POLL).toBe('pro');
});

test('what Stripe did not tell of is found by the daily comparison, told to operators, and put right', async () => {
  await stripe('webhooks', 'hold');
  const { data } = await askStripe('/v1/subscriptions?status=all&limit=100');
  const running = data.find((one: { status: string }) => one.status === 'active');
  const cancel = (now: boolean) =>
    askStripe(`/v1/subscriptions/${running.id}`, new URLSearchParams({ cancel_at_period_end: String(now) }));
  const canceled = async () => (await awaited()).subscription?.cancelAtPeriodEnd;
  await cancel(true);
  expect(await canceled()).toBe(false);
  await forgetComparisons();
  // The next worker begins with it.
  for (const pid of pidsOf(stack, 'worker/src/main.ts')) process.kill(pid, 'SIGKILL');
  const operator = { ...environment(), STAGER_CONFIG_DIR: join(dir, 'operator') };
  const operate = (...args: string[]) => runCli(args, { cwd: dir, env: operator });
  expect((await operate('login', '--no-browser', '--scope', 'admin:read,admin:write')).code).toBe(0);
  const comparison = async () => {
    const { checks } = json(await operate('doctor', '--json'));
    return checks.find((check: { name: string }) => check.name === 'Comparison')?.message;
  };
  await expect.poll(comparison).toMatch(/compared with Stripe \d+ (s|min) ago, 1 differ$/);
  const found = await operate('reconcile', '--kind', 'subscription_mismatch', '--json');
  expect(found.code, found.stderr).toBe(8);
  const { run: scan } = json(found);
  expect((await operate('reconcile', '--apply', scan.id, '--yes')).code).toBe(0);
  expect(await canceled()).toBe(true);
  await cancel(false);
  await stripe('webhooks', 'in-order');
  await expect.poll(canceled, POLL).toBe(false);
});

test('a payment that fails leaves the plan in grace, and ends it when no card pays', async () => {
  await stripe('trigger', 'invoice.payment_failed');
  await expect.poll(async () => (await awaited()).subscription?.status, POLL).toBe('past_due');
  const failed = await status();
  expect(failed.plan.id).toBe('pro');
  expect(Date.parse(failed.subscription.graceEndsAt)).toBeGreaterThan(Date.now());
  const portal = json(await stager('billing', 'portal', '--no-browser', '--json'));
  expect((await visit(portal.url)).text).toContain(`href="${stack.apiUrl}/billing"`);
  await stripe('advance', '1mo');
  await expect.poll(async () => (await awaited()).plan.id, POLL).toBe('free');
});
