import { getEventListeners } from 'node:events';
import { describe, expect, test } from 'vitest';
import { abortable, delay, follow, throwIfAborted } from './abort.ts';
import { AbortError } from './errors.ts';
import { Gate } from './gate.ts';

describe('signals', () => {
  test('a wait ends when the signal fires, and leaves no listener', async () => {
    const controller = new AbortController();
    const waiting = delay(60_000, controller.signal);
    controller.abort('enough');
    await expect(waiting).rejects.toMatchObject({ code: 'aborted', cause: 'enough' });
    await expect(delay(1, controller.signal)).rejects.toThrow(AbortError);
    const other = new AbortController();
    await delay(1, other.signal);
    expect(getEventListeners(other.signal, 'abort')).toEqual([]);
  });

  test('a promise is waited for only as long as the signal allows', async () => {
    const controller = new AbortController();
    await expect(abortable(Promise.resolve(1), controller.signal)).resolves.toBe(1);
    await expect(abortable(Promise.reject(new Error('no')), controller.signal)).rejects.toThrow('no');
    expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
    const never = abortable(new Promise(() => undefined), controller.signal);
    controller.abort();
    await expect(never).rejects.toThrow(AbortError);
    await expect(abortable(new Promise(() => undefined), controller.signal)).rejects.toThrow(AbortError);
    expect(() => throwIfAborted(controller.signal)).toThrow(AbortError);
  });

  test('a follower fires with its leader until it is released', () => {
    const leader = new AbortController();
    const [one, two, late] = [new AbortController(), new AbortController(), new AbortController()];
    follow(leader.signal, one);
    follow(leader.signal, two)();
    follow(undefined, two)();
    leader.abort('why');
    follow(leader.signal, late);
    expect([one.signal.reason, two.signal.aborted, late.signal.reason]).toEqual(['why', false, 'why']);
  });
});

describe('the gate', () => {
  test('lets nobody pass before its time, and keeps the longest of several', async () => {
    let now = 0;
    const gate = new Gate(() => now);
    expect(gate.closedMs).toBe(0);
    await gate.pass();
    gate.close(30);
    gate.close(10);
    expect(gate.closedMs).toBe(30);
    const passed = gate.pass();
    now = 31;
    await passed;
    expect(gate.closedMs).toBe(0);
  });

  test('a waiting call can be aborted', async () => {
    const gate = new Gate();
    gate.close(60_000);
    const controller = new AbortController();
    const waiting = gate.pass(controller.signal);
    controller.abort();
    await expect(waiting).rejects.toThrow(AbortError);
  });
});
