import { describe, expect, test } from 'vitest';
import { type Desk, setUpDesk, speak } from '../testing/inProcess.ts';

function putEvent({ api }: Desk, id: string, state: 'parked' | 'handled' = 'parked'): void {
  const at = new Date().toISOString();
  api.state.stripeEvents.set(id, {
    id,
    type: 'invoice.paid',
    customerId: 'cus_1',
    state,
    attempts: 12,
    detail: 'the event lacks a field',
    createdAt: at,
    receivedAt: at,
    endedAt: null,
  });
}

const words = (...args: string[]) => ['admin', 'stripe-events', ...args];

describe('stager admin stripe-events', () => {
  test('lists what is parked, and why', async () => {
    const desk = await setUpDesk();
    expect((await speak(words('list'), desk.env)).stdout).toContain('No event of Stripe is parked.');
    putEvent(desk, 'evt_1');
    putEvent(desk, 'evt_2', 'handled');
    const { stdout } = await speak(words('list'), desk.env, { columns: 80 });
    expect(stdout).toMatch(/evt_1 +invoice\.paid +12 +the event lacks a field/);
    expect(stdout).not.toContain('evt_2');
    expect((await speak(words('list', '--state', 'handled'), desk.env)).stdout).toContain('evt_2');
  });

  test('tries again, and says of each what came of it', async () => {
    const desk = await setUpDesk();
    putEvent(desk, 'evt_1');
    putEvent(desk, 'evt_2', 'handled');
    const { code, stdout } = await speak(words('retry', 'evt_1', 'evt_2'), desk.env);
    expect(code).toBe(1);
    expect(stdout).toContain('evt_1  retried');
    expect(stdout).toContain('The event was handled.');
    expect(desk.api.state.stripeEvents.get('evt_1')?.state).toBe('received');
  });

  test('lets events be, with a reason and when it is meant', async () => {
    const desk = await setUpDesk();
    putEvent(desk, 'evt_1');
    expect((await speak(words('ignore', 'evt_1', '-y'), desk.env)).stderr).toContain('--reason is needed');
    expect((await speak(words('ignore', 'evt_1', '--reason', 'x'), desk.env)).stderr).toContain('--yes');
    expect(desk.api.state.stripeEvents.get('evt_1')?.state).toBe('parked');
    const { code } = await speak(words('ignore', 'evt_1', '--reason', 'of another shop', '-y'), desk.env);
    expect([code, desk.api.state.stripeEvents.get('evt_1')?.state]).toEqual([0, 'ignored']);
  });

  test('a word that is no id does nothing at all', async () => {
    const desk = await setUpDesk();
    putEvent(desk, 'evt_1');
    const { code, stderr } = await speak(words('retry', 'evt_1', 'x'), desk.env);
    expect([code, stderr]).toEqual([2, expect.stringContaining('Not an id of an event: x')]);
    expect(desk.api.state.stripeEvents.get('evt_1')?.state).toBe('parked');
  });
});
