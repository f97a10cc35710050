import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import Koa from 'koa';
import { afterEach, expect, test } from 'vitest';
import { createMemoryLimiter } from '../../infra/limiter/memory.ts';
import { sendProblem } from '../problem.ts';
import { takeBudget } from './limit.ts';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** Two reads a minute; `/free` counts against nothing. */
async function serve(): Promise<string> {
  const limiter = createMemoryLimiter({ read: 2, write: 1, stream: 1, public: 1 });
  const app = new Koa();
  app.use(async (ctx) => {
    try {
      await takeBudget(ctx, limiter, ctx.path === '/free' ? 'none' : 'read', 'account:1');
      ctx.status = 204;
    } catch (error) {
      ctx.respond = false;
      sendProblem(ctx.res, error, 'req-1');
    }
  });
  const server = createServer(app.callback());
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  // Listening on TCP gives an AddressInfo.
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('what is left is said on every answer, and who has used it up is told when to come back', async () => {
  const url = await serve();
  const answers = [await fetch(url), await fetch(url), await fetch(url)];
  expect(answers.map(({ status }) => status)).toEqual([204, 204, 429]);
  expect(answers.map(({ headers }) => headers.get('ratelimit')?.split(';t=')[0])).toEqual([
    '"read";r=1',
    '"read";r=0',
    '"read";r=0',
  ]);
  expect(answers[0]?.headers.get('ratelimit-policy')).toBe('"read";q=2;w=60');
  const wait = Number(answers[2]?.headers.get('retry-after'));
  expect(wait).toBeGreaterThan(0);
  expect(wait).toBeLessThanOrEqual(60);
  expect(await answers[2]?.json()).toMatchObject({
    code: 'rate_limited',
    detail: expect.stringMatching(/^More than 2 requests a minute\. Wait \d+ s\.$/),
  });
});

test('what counts against nothing says nothing', async () => {
  const answer = await fetch(`${await serve()}/free`);
  expect([answer.status, answer.headers.get('ratelimit')]).toEqual([204, null]);
});
