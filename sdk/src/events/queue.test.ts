import { describe, expect, test } from 'vitest';
import { Queue } from './queue.ts';

describe('the queue between a producer and an iterator', () => {
  test('hands on in order, to those who waited and to those who come later', async () => {
    const queue = new Queue<number>(10);
    const [first, second] = [queue.next(), queue.next()];
    for (const n of [1, 2, 3]) queue.push(n);
    expect(queue.isEmpty).toBe(false);
    queue.end();
    queue.push(4);
    expect(await Promise.all([first, second, queue.next(), queue.next()])).toEqual([
      { value: 1, done: false },
      { value: 2, done: false },
      { value: 3, done: false },
      { value: undefined, done: true },
    ]);
  });

  test('throws an error once, after what came before it', async () => {
    const queue = new Queue<number>(10);
    queue.push(1);
    queue.end(new Error('late'));
    queue.end(new Error('later'));
    expect(await queue.next()).toEqual({ value: 1, done: false });
    await expect(queue.next()).rejects.toThrow('late');
    expect(await queue.next()).toEqual({ value: undefined, done: true });
    const waiting = new Queue<number>(10);
    const [one, two] = [waiting.next(), waiting.next()];
    waiting.end(new Error('now'));
    await expect(one).rejects.toThrow('now');
    expect(await two).toEqual({ value: undefined, done: true });
  });

  test('has room until it is full, and again when something was read', async () => {
    const queue = new Queue<number>(2);
    await queue.room();
    queue.push(1);
    await queue.room();
    queue.push(2);
    let free = false;
    const waiting = queue.room().then(() => {
      free = true;
    });
    await Promise.resolve();
    expect(free).toBe(false);
    await queue.next();
    await waiting;
    queue.push(3);
    const dropped = queue.room();
    queue.drop();
    await dropped;
    expect(await queue.next()).toMatchObject({ done: true });
  });
});
