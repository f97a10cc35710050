import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { startTestApi, type TestApi, type TestApiOptions } from '../../../tests/support/api.ts';
import { makeAccount } from '../../../tests/support/fixtures.ts';

let api: TestApi;
let usual: TestApi;
const sockets: Socket[] = [];
beforeAll(async () => {
  usual = await open();
  await makeAccount(usual.store, 'member');
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  if (api !== usual) await api.close();
});
afterAll(() => usual.close());

/** Looks often, so that a limit of a tenth of a second is one. */
const OFTEN = { checkMs: 20 };
const SHORT = { ...OFTEN, headersMs: 150, requestMs: 400 };

/** Its own with these options; without any, that of the whole file. */
async function start(options?: Partial<TestApiOptions>): Promise<void> {
  api = options ? await open({ ...options, database: usual.database }) : usual;
}

function open(options: Partial<TestApiOptions> = {}): Promise<TestApi> {
  return startTestApi({
    who: (token) => ({ subject: token, expiresAt: new Date(Date.now() + 3_600_000) }),
    scopes: ['account:read', 'images:read', 'projects:read', 'projects:write'],
    ...options,
  });
}

interface Conversation {
  readonly socket: Socket;
  /** All that the server has sent until it closes. */
  readonly whole: Promise<string>;
}

/** Raw bytes, since no client would send what is sent here. */
async function say(text: string | Buffer): Promise<Conversation> {
  const socket = connect({ port: Number(new URL(api.url).port), host: '127.0.0.1', allowHalfOpen: true });
  sockets.push(socket);
  let received = '';
  socket.on('data', (chunk: Buffer) => {
    received += chunk.toString('latin1');
  });
  const whole = new Promise<string>((done) => {
    socket.once('end', () => done(received));
    socket.once('close', () => done(received));
    // A server that resets the connection has closed it, too.
    socket.on('error', () => done(received));
  });
  await once(socket, 'connect');
  socket.write(text);
  return { socket, whole };
}

const statusLines = (text: string) => text.match(/HTTP\/1\.1 \d+/g) ?? [];
const ME = 'GET /v1/me HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer member\r\n';
const POST =
  'POST /v1/projects HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer member\r\nContent-Type: application/json\r\n';

describe('who is slow does not hold a connection', () => {
  test.each([
    ['sends nothing', ''],
    ['sends headers and no end of them', `${ME}X-Slow: `],
    ['sends half a request line', 'GET /v1/'],
  ])('who %s is told and cut off', async (_name, text) => {
    await start({ server: { limits: SHORT } });
    const answer = await (await say(text)).whole;
    expect(statusLines(answer)).toEqual(['HTTP/1.1 408']);
    expect(answer).toContain('"code":"request_timeout"');
    expect(answer).toContain('x-content-type-options: nosniff');
  });

  test('who sends headers one by one is cut off all the same', async () => {
    await start({ server: { limits: SHORT } });
    const { socket, whole } = await say(ME);
    let n = 0;
    const drip = setInterval(() => socket.write(`X-${n++}: a\r\n`), 20);
    expect(statusLines(await whole)).toEqual(['HTTP/1.1 408']);
    clearInterval(drip);
  });

  test('a body that comes byte by byte has a limit of its own', async () => {
    await start({ settings: { bodyMs: 200 } });
    const { socket, whole } = await say(`${POST}Content-Length: 100\r\n\r\n`);
    const drip = setInterval(() => socket.write(' '), 20);
    const answer = await whole;
    clearInterval(drip);
    expect(statusLines(answer)).toEqual(['HTTP/1.1 408']);
    expect(answer).toContain('The body did not arrive within 0.2 s.');
    expect(answer.toLowerCase()).toContain('connection: close');
  });

  test('a request as a whole has one, whoever reads its body', async () => {
    await start({ server: { limits: SHORT } });
    const { socket, whole } = await say(`${POST}Content-Length: 100\r\n\r\n`);
    const drip = setInterval(() => socket.write(' '), 20);
    expect(statusLines(await whole)).toEqual(['HTTP/1.1 408']);
    clearInterval(drip);
  });

  test('a connection that was left open is closed', async () => {
    await start({ server: { limits: { ...OFTEN, keepAliveMs: 150 } } });
    const answer = await (await say(`${ME}\r\n`)).whole;
    expect(statusLines(answer)).toEqual(['HTTP/1.1 200']);
  });

  test('a connection on which nothing moves is cut, whatever is under way on it', async () => {
    await start({ server: { limits: { ...OFTEN, idleMs: 150 } } });
    const { whole } = await say(`${POST}Content-Length: 100\r\n\r\n`);
    expect(await whole).toBe('');
  });

  test('half of a connection that is never closed is closed by us', async () => {
    await start({ server: { limits: SHORT } });
    const { socket, whole } = await say('nonsense\r\n\r\n');
    await whole;
    // Ours is gone: what is still sent there is answered by a reset.
    const reset = once(socket, 'error').catch((error: unknown) => [error]);
    const push = setInterval(() => socket.write('x'), 5);
    const [error] = await reset;
    clearInterval(push);
    expect(error).toMatchObject({ code: expect.stringMatching(/ECONNRESET|EPIPE/) });
  });
});

describe('what could be read in two ways is not read at all', () => {
  const smuggled = 'GET /v1/me HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer member\r\n\r\n';
  test.each([
    ['a length and chunks', `Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`],
    ['chunks and a length', `Transfer-Encoding: chunked\r\nContent-Length: 6\r\n\r\n0\r\n\r\n${smuggled}`],
    ['two lengths', `Content-Length: 0\r\nContent-Length: 5\r\n\r\n${smuggled}`],
    ['a list of lengths', `Content-Length: 0, 5\r\n\r\n${smuggled}`],
    ['a signed length', `Content-Length: +0\r\n\r\n${smuggled}`],
    ['a negative length', `Content-Length: -1\r\n\r\n${smuggled}`],
    ['a hexadecimal length', `Content-Length: 0x0\r\n\r\n${smuggled}`],
    ['a space before the colon', `Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n${smuggled}`],
    [
      'chunked that is not the last coding',
      `Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n${smuggled}`,
    ],
    ['a coding that is none', `Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n${smuggled}`],
    ['a folded header', `X-A: b\r\n Transfer-Encoding: chunked\r\nContent-Length: 0, 1\r\n\r\n${smuggled}`],
    ['a bare line feed in a header', `X-A: b\nContent-Length: 5, 0\r\n\r\n${smuggled}`],
    ['a NUL in a header', `X-A: b\0c\r\nContent-Length: 0\r\n\r\n${smuggled}`],
    ['a chunk size that is none', `Transfer-Encoding: chunked\r\n\r\nzz\r\n\r\n${smuggled}`],
    ['a chunk size with a sign', `Transfer-Encoding: chunked\r\n\r\n-1\r\n\r\n${smuggled}`],
  ])('%s', async (_name, rest) => {
    await start();
    const answer = await (await say(POST + rest)).whole;
    expect(statusLines(answer), answer).toEqual(['HTTP/1.1 400']);
    expect(answer).toContain('"code":"invalid_request"');
    expect(answer).not.toContain('member');
    expect((await fetch(`${api.url}/v1/projects`, { headers: { authorization: 'Bearer member' } })).ok).toBe(
      true,
    );
  });

  test.each([
    ['no Host', 'GET /livez HTTP/1.1\r\n\r\n'],
    ['two of Host', 'GET /livez HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n'],
    ['HTTP/2 without its preface', 'GET /livez HTTP/2.0\r\nHost: x\r\n\r\n'],
    ['a TLS hello', Buffer.from('16030100a5010000a10303', 'hex')],
  ])('%s is refused', async (_name, text) => {
    await start();
    const { socket, whole } = await say(text);
    socket.end();
    expect(statusLines(await whole)).toEqual(['HTTP/1.1 400']);
  });

  test('requests one behind the other are answered in their order, the broken one behind them closes', async () => {
    await start();
    const live = 'GET /livez HTTP/1.1\r\nHost: x\r\n\r\n';
    const answer = await (await say(`${ME}\r\n${live}${POST}Content-Length: x\r\n\r\n${smuggled}`)).whole;
    const lines = statusLines(answer);
    expect(lines.every((line, n) => n < 2 || line === 'HTTP/1.1 400')).toBe(true);
    expect(lines.length).toBeLessThanOrEqual(3);
    expect(answer.match(/"principal"/g)?.length ?? 0).toBeLessThanOrEqual(1);
  });
});

describe('what a request may weigh', () => {
  test('headers that are too long are refused by code', async () => {
    await start();
    const answer = await (await say(`${ME}X-Long: ${'a'.repeat(20_000)}\r\n\r\n`)).whole;
    expect(statusLines(answer)).toEqual(['HTTP/1.1 431']);
    expect(answer).toContain('"code":"headers_too_large"');
  });

  test('and so is an address', async () => {
    await start();
    const answer = await (await say(`GET /v1/${'a'.repeat(20_000)} HTTP/1.1\r\nHost: x\r\n\r\n`)).whole;
    expect(statusLines(answer)).toEqual(['HTTP/1.1 431']);
  });

  test('and too many headers, of which Node would leave out the last', async () => {
    await start();
    const many = Array.from({ length: 120 }, (_, n) => `X-${n}: a\r\n`).join('');
    const answer = await (await say(`${ME}${many}\r\n`)).whole;
    expect(statusLines(answer)).toEqual(['HTTP/1.1 431']);
    expect(answer).toContain('at most 100 headers');
  });

  test('a connection ends after so many requests', async () => {
    await start({ server: { limits: { requestsPerSocket: 2 } } });
    const live = 'GET /livez HTTP/1.1\r\nHost: x\r\n\r\n';
    const { socket, whole } = await say(live);
    await once(socket, 'data');
    socket.write(live);
    const answer = await whole;
    expect(statusLines(answer)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 200']);
    expect(answer.match(/^connection: close/gim)).toHaveLength(1);
  });
});

test('what could not be read says nothing of itself in the log', async () => {
  await start();
  await (await say('GET /v1/me HTTP/1.1\r\nAuthorization: Bearer canary-token\r\nX Y: z\r\n\r\n')).whole;
  await expect.poll(() => api.log.find(({ message }) => message === 'request refused')).toBeDefined();
  expect(JSON.stringify(api.log)).not.toContain('canary-token');
});
