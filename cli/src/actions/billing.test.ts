import type { BillingStatus } from '@stager/sdk';
import { describe, expect, test, vi } from 'vitest';
import { createStyle } from '../io/style.ts';
import { type Desk, setUpDesk, speak } from '../testing/inProcess.ts';
import { renderBilling } from './billing.ts';

/** Images of the account, made today. */
function putImages({ api }: Desk, ready: number, queued = 0): void {
  for (let at = 0; at < ready + queued; at += 1) {
    const now = new Date().toISOString();
    const id = api.state.id('img');
    api.state.images.set(id, {
      id,
      projectId: null,
      originalId: api.state.id('org'),
      name: null,
      engine: 'finish',
      roomType: null,
      style: null,
      seed: 0,
      variation: 0,
      params: {},
      state: at < ready ? 'ready' : 'queued',
      attempts: 0,
      error: null,
      outputs: [],
      createdAt: now,
      updatedAt: now,
    });
  }
}

describe('stager billing plans', () => {
  test('what each costs, the one in force marked', async () => {
    const { env } = await setUpDesk({ plan: 'pro' });
    const { stdout } = await speak(['billing', 'plans'], env);
    expect(stdout).toMatch(/pro +Pro +\$29 +100 +\$0\.35 +← yours/);
    expect(stdout).toMatch(/free +Free +\$0 +10 +-$/m);
    expect(stdout).not.toContain('dev');
  });

  test('without a login, and without a mark', async () => {
    const { env } = await setUpDesk({ acceptToken: () => false });
    const { code, stdout } = await speak(['billing', 'plans'], env);
    expect([code, stdout]).toEqual([0, expect.stringContaining('Business')]);
    expect(stdout).not.toContain('yours');
  });
});

describe('stager billing status', () => {
  test('how many are left, in words and for a script', async () => {
    const desk = await setUpDesk({ plan: 'free' });
    putImages(desk, 3, 2);
    const { stdout } = await speak(['billing', 'status'], desk.env);
    expect(stdout).toContain('Free  free, 10 images');
    expect(stdout).toContain('3 of 10 ready, 2 in work, 5 left');
    expect(stdout).toContain('not with this plan');
    const json = JSON.parse((await speak(['billing', 'status', '--json'], desk.env)).stdout);
    expect(json).toMatchObject({ plan: { id: 'free' }, used: 3, reserved: 2, remaining: 5 });
  });

  test('a plan that is paid for has its price, one that is given has none', async () => {
    const desk = await setUpDesk({ plan: 'pro' });
    const { stdout } = await speak(['billing', 'status'], desk.env);
    expect(stdout).toContain('Pro  $29 a month, 100 images');
    const state = JSON.parse((await speak(['billing', 'status', '--json'], desk.env)).stdout);
    const view = { style: createStyle(false), columns: 80 };
    expect(renderBilling({ ...state, subscription: null }, view)).toContain('Pro  free, 100 images');
  });

  test('of a payment that failed: until when the plan holds, and what is then', () => {
    const period = { start: '2026-11-20T10:00:00.000Z', end: '2026-12-20T10:00:00.000Z' };
    const pro = {
      id: 'pro',
      name: 'Pro',
      priceCents: 2_900,
      currency: 'usd',
      limit: 100,
      overageCents: 35,
    } as const;
    const state: BillingStatus = {
      plan: pro,
      basePlan: 'free',
      subscription: {
        plan: 'pro',
        status: 'past_due',
        period,
        cancelAtPeriodEnd: false,
        graceEndsAt: '2026-11-27T09:30:00.000Z',
        nextPlan: null,
      },
      unpaidPlan: null,
      period,
      used: 1,
      reserved: 0,
      overage: 0,
      remaining: 99,
      payAsYouGo: { offered: true, enabled: false, cap: null },
    };
    expect(renderBilling(state, { style: createStyle(false), columns: 120 })).toContain(
      'past due: pay with stager billing portal by 2026-11-27 09:30 UTC, else free',
    );
    const over = { ...state, subscription: null, unpaidPlan: 'pro' } as const;
    expect(renderBilling(over, { style: createStyle(false), columns: 120 })).toContain(
      'Not paid      pro: pay with stager billing portal, and it is back',
    );
  });

  test('without a limit', async () => {
    const { env } = await setUpDesk();
    expect((await speak(['billing', 'status'], env)).stdout).toContain('0 ready, 0 in work, no limit');
  });
});

describe('stager billing usage', () => {
  test('a bar of the period, and one line a day and project', async () => {
    const desk = await setUpDesk({ plan: 'free' });
    putImages(desk, 6, 2);
    const project = desk.api.state.id('prj');
    const now = new Date().toISOString();
    desk.api.state.projects.set(project, { id: project, name: 'Elm 42', createdAt: now, updatedAt: now });
    for (const [id, image] of [...desk.api.state.images].slice(0, 2)) {
      desk.api.state.images.set(id, { ...image, projectId: project });
    }
    const { stdout } = await speak(['billing', 'usage'], desk.env, { columns: 80 });
    const [, bar = ''] = stdout.split('\n');
    expect(bar).toBe(`${'█'.repeat(36)}${'▒'.repeat(12)}${'░'.repeat(12)}  80 %`);
    expect(stdout).toMatch(new RegExp(`${now.slice(0, 10)} +Elm 42 +2 +▪{7}$`, 'm'));
    expect(stdout).toMatch(new RegExp(`${now.slice(0, 10)} +- +6 +▪{20}$`, 'm'));
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  test('nothing yet', async () => {
    const { env } = await setUpDesk({ plan: 'free' });
    const { stdout } = await speak(['billing', 'usage'], env);
    expect(stdout).toContain('0 %');
    expect(stdout).toContain('No images in this period.');
  });

  test('an earlier period: its sum, and nothing of the plan in force', async () => {
    const desk = await setUpDesk({ plan: 'free' });
    putImages(desk, 2);
    const args = ['billing', 'usage', '--period', '2026-03-01'];
    expect((await speak(args, desk.env)).stdout).toContain('0 images in the period from 2026-03-01');
    const json = JSON.parse((await speak([...args, '--json'], desk.env)).stdout);
    expect(json).toEqual({ periodStart: '2026-03-01T00:00:00.000Z', billing: null, items: [] });
  });

  test('a narrow terminal and a bar that is full', async () => {
    const desk = await setUpDesk({ plan: 'free' });
    putImages(desk, 12);
    const { stdout } = await speak(['billing', 'usage'], desk.env, { columns: 40 });
    expect(stdout.split('\n')[1]).toBe(`${'█'.repeat(33)}  120 %`);
  });
});

describe('stager billing pay-as-you-go', () => {
  test('asks what it may cost, and is switched with --yes', async () => {
    const desk = await setUpDesk({ plan: 'pro' });
    const asked = await speak(['billing', 'pay-as-you-go', 'on', '--cap', '50'], desk.env);
    expect(asked.code).toBe(2);
    expect(asked.stderr).toContain('--yes');
    expect(desk.api.state.payAsYouGo.enabled).toBe(false);
    const { code, stdout } = await speak(['billing', 'pay-as-you-go', 'on', '--cap', '50', '-y'], desk.env);
    expect([code, stdout]).toEqual([
      0,
      expect.stringContaining('pay-as-you-go on, $0.35 an image, at most 50'),
    ]);
    await speak(['billing', 'pay-as-you-go', '--cap', '0', '-y'], desk.env);
    expect(desk.api.state.payAsYouGo).toEqual({ enabled: true, cap: null });
    const off = await speak(['billing', 'pay-as-you-go', 'off'], desk.env);
    expect(off.stdout).toContain('off; stager billing pay-as-you-go on makes more, $0.35 an image');
    expect(desk.api.state.payAsYouGo).toEqual({ enabled: false, cap: null });
  });

  test('a plan without it: which have it', async () => {
    const { env } = await setUpDesk({ plan: 'free' });
    const { code, stderr } = await speak(['billing', 'pay-as-you-go', 'on', '-y'], env);
    expect([code, stderr]).toEqual([2, expect.stringContaining('stager billing plans')]);
  });

  test('a word that is neither', async () => {
    const { env } = await setUpDesk({ plan: 'pro' });
    const { code, stderr } = await speak(['billing', 'pay-as-you-go', 'maybe'], env);
    expect([code, stderr]).toEqual([2, expect.stringContaining('give one of on, off')]);
  });

  test('without a word: how it is', async () => {
    const { env } = await setUpDesk({ plan: 'pro' });
    const { stdout } = await speak(['billing', 'pay-as-you-go'], env);
    expect(stdout).toContain('off; stager billing pay-as-you-go on');
  });
});

test('a quota that is used up refuses further images in so many words', async () => {
  const desk = await setUpDesk({ plan: 'free' });
  putImages(desk, 10);
  const { Stager } = await import('@stager/sdk');
  const stager = new Stager({ baseUrl: desk.api.url, token: 'any' });
  const id = desk.api.state.id('org');
  desk.api.state.originals.set(id, {
    id,
    sha256: '0'.repeat(64),
    size: 1,
    contentType: 'image/jpeg',
    width: 1,
    height: 1,
    createdAt: new Date().toISOString(),
  });
  const refused = stager.images.create({ items: [{ originalId: id }] });
  await expect(refused).rejects.toMatchObject({ code: 'quota_exceeded', status: 402 });
});

const LINK = /billing\/checkout\?ticket=fake1/;

describe('stager billing checkout', () => {
  test('prints the link, waits, and says when the plan is in force', async () => {
    const desk = await setUpDesk({ plan: 'free' });
    const done = speak(['billing', 'checkout', '--plan', 'pro'], desk.env);
    await vi.waitFor(() => expect(desk.api.state.checkouts).toEqual(['pro']));
    desk.api.state.plan = 'pro';
    const { code, stdout, stderr } = await done;
    expect(code).toBe(0);
    expect(stderr).toMatch(LINK);
    expect(stdout).toContain('✓ pro is in force.');
    expect(stdout).toContain('$29 a month, 100 images');
  });

  test('an outage on the way does not end the wait', async () => {
    const desk = await setUpDesk({ plan: 'free' });
    const done = speak(['billing', 'checkout', '--plan', 'business'], desk.env);
    await vi.waitFor(() => expect(desk.api.state.checkouts).toEqual(['business']));
    desk.api.failNext({ code: 'unavailable', operation: 'getBilling', times: 2 });
    desk.api.state.plan = 'business';
    expect((await done).stdout).toContain('✓ business is in force.');
  });

  test('for a script: one line a step', async () => {
    const desk = await setUpDesk({ plan: 'free' });
    const done = speak(['billing', 'checkout', '--plan', 'pro', '--json'], desk.env);
    await vi.waitFor(() => expect(desk.api.state.checkouts).toEqual(['pro']));
    desk.api.state.plan = 'pro';
    const lines = (await done).stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines).toMatchObject([
      { type: 'link', plan: 'pro', url: expect.stringMatching(LINK) },
      { type: 'active', plan: 'pro', billing: { plan: { id: 'pro' } } },
    ]);
  });

  test('without waiting: the link alone', async () => {
    const { env } = await setUpDesk({ plan: 'free' });
    const { code, stdout } = await speak(['billing', 'checkout', '--plan', 'pro', '--no-wait'], env);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^http:\S+ticket=fake1\n$/)]);
  });

  test('a plan that is in force: no link', async () => {
    const desk = await setUpDesk({ plan: 'pro' });
    const { code, stdout } = await speak(['billing', 'checkout', '--plan', 'pro'], desk.env);
    expect([code, stdout]).toEqual([0, expect.stringContaining('✓ pro is in force.')]);
    expect(desk.api.state.checkouts).toEqual([]);
  });

  test('Ctrl-C ends the wait and says how to look', async () => {
    const desk = await setUpDesk({ plan: 'free' });
    const { buyPlan } = await import('./billingCheckout.ts');
    const waiting = buyPlan(desk.context(), { plan: 'pro', wait: true, browser: false });
    await vi.waitFor(() => expect(desk.stderr.text).toMatch(LINK));
    desk.ctrlC.abort();
    await expect(waiting).rejects.toMatchObject({
      code: 'interrupted',
      next: [{ command: 'stager billing status' }],
    });
  });

  test.each([[['--plan', 'dev']], [[]]])('%j is a usage error', async (args) => {
    const { env } = await setUpDesk({ plan: 'free' });
    const { code, stderr } = await speak(['billing', 'checkout', ...args], env);
    expect([code, stderr]).toEqual([2, expect.stringContaining('pro')]);
  });
});

describe('stager billing portal and invoices', () => {
  test('who has bought something', async () => {
    const desk = await setUpDesk({ plan: 'pro' });
    const invoice = {
      id: 'in_1',
      number: 'AB-0001',
      status: 'open',
      totalCents: 2_935,
      dueCents: 2_935,
      currency: 'usd',
      period: { start: '2026-11-01T00:00:00.000Z', end: '2026-12-01T00:00:00.000Z' },
      createdAt: '2026-11-01T00:00:00.000Z',
      url: 'https://pay.example/1',
      pdfUrl: null,
    } as const;
    desk.api.state.invoices.push(invoice, { ...invoice, id: 'in_0', totalCents: -550, status: 'paid' });
    expect((await speak(['billing', 'portal'], desk.env)).stdout).toBe(`${desk.api.url}/portal\n`);
    const { stdout } = await speak(['billing', 'invoices'], desk.env);
    expect(stdout).toMatch(/AB-0001 +2026-11-01 +\$29\.35 +to be paid +2026-11-01 to 2026-12-01/);
    expect(stdout).toMatch(/ -\$5\.50 +paid/);
  });

  test('who has not is told so', async () => {
    const { env } = await setUpDesk({ plan: 'free' });
    const portal = await speak(['billing', 'portal'], env);
    expect([portal.code, portal.stderr]).toEqual([1, expect.stringContaining('never bought a plan')]);
    const invoices = await speak(['billing', 'invoices'], env);
    expect([invoices.code, invoices.stdout + invoices.stderr]).toEqual([0, 'No invoices yet.\n']);
    expect((await speak(['billing', 'invoices', '--json'], env)).stdout).toBe('[]\n');
  });
});
