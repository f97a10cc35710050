import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { startTestApi, type TestApi, type TestApiOptions } from '../../../tests/support/api.ts';
import { createTestDatabase, type TestDatabase } from '../../../tests/support/database.ts';
import { makeAccount, queueImages } from '../../../tests/support/fixtures.ts';
import { newId } from '../core/ids.ts';

/** Of all tests: each has a reader of its own. */
let database: TestDatabase;
let api: TestApi;
const sockets: Socket[] = [];
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await api.close();
});

const IN_AN_HOUR = () => new Date(Date.now() + 3_600_000);
const tokens = new Map<string, Date>();

/** The token is the name of who sends it. */
async function start(options: Partial<TestApiOptions> = {}): Promise<void> {
  api = await startTestApi({
    database,
    who: (token) => ({ subject: token, expiresAt: tokens.get(token) ?? IN_AN_HOUR() }),
    scopes: ['images:read'],
    ...options,
  });
}

async function member(principal: string): Promise<string> {
  const accountId = await makeAccount(api.store);
  await api.store.read.members.add(accountId, { id: newId('mem'), principal, role: 'owner' });
  return accountId;
}

interface Frame {
  readonly id: string | undefined;
  readonly type: string;
  readonly data: { reason?: string; images?: unknown[]; type: string };
}

/** Reads a stream frame by frame. */
async function* read(token: string, lastEventId?: string): AsyncGenerator<Frame> {
  const response = await fetch(`${api.url}/v1/events`, {
    headers: {
      authorization: `Bearer ${token}`,
      ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
    },
  });
  expect(response.status).toBe(200);
  let text = '';
  for await (const chunk of response.body ?? []) {
    text += Buffer.from(chunk).toString();
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const lines = text.slice(0, end).split('\n');
      text = text.slice(end + 2);
      const value = (name: string) =>
        lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
      const type = value('event');
      if (type) yield { id: value('id'), type, data: JSON.parse(value('data') ?? '{}') };
    }
  }
}

async function until(stream: AsyncGenerator<Frame>, type: string): Promise<Frame> {
  for (let next = await stream.next(); !next.done; next = await stream.next()) {
    if (next.value.type === type) return next.value;
  }
  throw new Error(`the stream ended without ${type}`);
}

async function query(text: string, values: unknown[]): Promise<unknown[]> {
  const client = new pg.Client(api.database.superuserUrl);
  await client.connect();
  try {
    return (await client.query(text, values)).rows;
  } finally {
    await client.end();
  }
}

describe('a stream ends', () => {
  test('with its token', async () => {
    await start();
    await member('short');
    tokens.set('short', new Date(Date.now() + 1_000));
    const stream = read('short');
    expect((await stream.next()).value?.type).toBe('snapshot');
    expect(await until(stream, 'bye')).toMatchObject({ id: undefined, data: { reason: 'token_expired' } });
    expect((await stream.next()).done).toBe(true);
  });

  test('when its reader is removed, and the look at it makes nobody an account', async () => {
    await start({ openSignup: true, streams: { accessCheckMs: 20 } });
    await member('removed');
    const stream = read('removed');
    expect((await stream.next()).value?.type).toBe('snapshot');
    await query('DELETE FROM members WHERE principal = $1', ['removed']);
    expect((await until(stream, 'bye')).data.reason).toBe('access_ended');
    expect(await query('SELECT 1 FROM members WHERE principal = $1', ['removed'])).toEqual([]);
  });

  test('when its reader has moved to another account', async () => {
    await start({ streams: { accessCheckMs: 20 } });
    await member('moved');
    const stream = read('moved');
    expect((await stream.next()).value?.type).toBe('snapshot');
    await query('DELETE FROM members WHERE principal = $1', ['moved']);
    await member('moved');
    expect((await until(stream, 'bye')).data.reason).toBe('access_ended');
  });

  test('when the account is suspended', async () => {
    await start({ streams: { accessCheckMs: 20 } });
    const accountId = await member('suspended');
    const stream = read('suspended');
    expect((await stream.next()).value?.type).toBe('snapshot');
    await query('UPDATE accounts SET suspended_at = now() WHERE id = $1', [accountId]);
    expect((await until(stream, 'bye')).data.reason).toBe('access_ended');
  });

  test('but not because nobody can look at the members for a while', async () => {
    await start({ streams: { accessCheckMs: 20, pingMs: 50 } });
    await member('patient');
    const stream = read('patient');
    expect((await stream.next()).value?.type).toBe('snapshot');
    const letLook = () => query('GRANT EXECUTE ON FUNCTION find_membership TO stager_api', []);
    onTestFinished(async () => void (await letLook()));
    await query('REVOKE EXECUTE ON FUNCTION find_membership FROM stager_api', []);
    const look = () => fetch(`${api.url}/v1/images`, { headers: { authorization: 'Bearer patient' } });
    await expect.poll(async () => (await look()).status).toBe(500);
    for (let n = 0; n < 5; n++) expect((await stream.next()).value?.type).toBe('ping');
    await letLook();
    await query('DELETE FROM members WHERE principal = $1', ['patient']);
    expect((await until(stream, 'bye')).data.reason).toBe('access_ended');
  });

  test('when the process drains', async () => {
    await start();
    await member('drained');
    const stream = read('drained');
    expect((await stream.next()).value?.type).toBe('snapshot');
    api.drain();
    expect((await until(stream, 'bye')).data.reason).toBe('shutdown');
    expect((await stream.next()).done).toBe(true);
  });

  test('at once, when the process drains already', async () => {
    await start();
    await member('too-late');
    api.drain();
    const stream = read('too-late');
    expect([(await stream.next()).value?.type, (await stream.next()).value?.data]).toEqual([
      'snapshot',
      { type: 'bye', reason: 'shutdown' },
    ]);
  });
});

describe('where a stream begins', () => {
  test.each([
    ['no id at all', 'nonsense', 'id_unknown'],
    ['an id of the future', '999999', 'id_unknown'],
    ['an id that is too old', '1', 'id_too_old'],
  ])('%s: reset without an id, then the snapshot that carries one', async (_name, id, reason) => {
    await start();
    const accountId = await member(`back-at-${id}`);
    await queueImages(api.store, accountId, 3);
    await query('UPDATE event_heads SET pruned_to = 2 WHERE account_id = $1', [accountId]);
    await query('DELETE FROM events WHERE account_id = $1 AND seq <= 2', [accountId]);
    const stream = read(`back-at-${id}`, id);
    const [reset, snapshot] = [(await stream.next()).value, (await stream.next()).value];
    expect(reset).toMatchObject({ id: undefined, type: 'reset', data: { reason } });
    expect(snapshot).toMatchObject({ id: '3', type: 'snapshot' });
    expect(snapshot?.data.images).toHaveLength(3);
    await stream.return(undefined);
  });
});

describe('a reader that does not read', () => {
  const headOf = (token: string, lastEventId: string) =>
    `GET /v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nLast-Event-ID: ${lastEventId}\r\n\r\n`;

  function open(token: string, lastEventId: string): Socket {
    const { port } = new URL(api.url);
    const socket = connect(Number(port), '127.0.0.1', () => socket.write(headOf(token, lastEventId)));
    sockets.push(socket);
    return socket;
  }

  /** Ids behind `last` up to `end`. */
  async function resume(token: string, last: number, end: number): Promise<number[]> {
    const ids: number[] = [];
    for await (const { id } of read(token, String(last))) if (ids.push(Number(id)) === end - last) break;
    return ids;
  }

  test('is dropped, and loses nothing when it comes back with its last id', async () => {
    await start({ streams: { drainMs: 100 } });
    const accountId = await member('slow');
    // Far more than the buffers of two sockets hold: 40 MB.
    const count = 4_000;
    const [queued] = await queueImages(api.store, accountId, 1);
    if (!queued) throw new Error('no image');
    const event = {
      type: 'image.queued' as const,
      imageId: queued.image.id,
      projectId: null,
      data: { type: 'image.queued', padding: 'x'.repeat(10_000) },
    };
    for (let n = 1; n < count; n += 100) {
      const batch = Array.from({ length: Math.min(100, count - n) }, () => event);
      await api.store.transaction((tx) => tx.events.append(accountId, batch));
    }
    const socket = open('slow', '0');
    socket.pause();
    await expect
      .poll(() => api.log.find(({ message }) => message === 'stream ended'))
      .toMatchObject({ fields: { reason: 'too_slow' } });
    let text = '';
    socket.on('data', (chunk: Buffer) => {
      text += chunk;
    });
    socket.on('error', () => undefined);
    socket.resume();
    await once(socket, 'close');
    const seen = [...text.matchAll(/^id: (\d+)\nevent: image\.queued\ndata: .*\n\n/gm)].map(([, id]) =>
      Number(id),
    );
    expect(seen.length).toBeLessThan(count);
    const last = seen.at(-1) ?? 0;
    expect(seen).toEqual(Array.from({ length: last }, (_, n) => n + 1));
    // To one that waits longer: on a busy machine every reader is slow.
    await api.close();
    await start();
    expect(await resume('slow', last, count)).toEqual(
      Array.from({ length: count - last }, (_, n) => last + 1 + n),
    );
  });

  test('one that leaves in the middle is no error', async () => {
    await start();
    await member('leaver');
    const socket = open('leaver', '');
    await once(socket, 'data');
    socket.destroy();
    await expect.poll(() => api.log.find(({ message }) => message === 'stream ended')).toBeDefined();
    expect(api.log.filter(({ level }) => level === 'error')).toEqual([]);
  });
});

test('what breaks behind the head is logged as an error, with the request', async () => {
  await start({ streams: { pingMs: 20 } });
  await member('broken');
  const stream = read('broken');
  expect((await stream.next()).value?.type).toBe('snapshot');
  const failure = new Error('the store is gone for good');
  const { account } = api.store;
  Object.assign(api.store, {
    account: () => {
      throw failure;
    },
  });
  await expect(until(stream, 'never')).rejects.toThrow();
  await expect
    .poll(() => api.log.find(({ level }) => level === 'error'))
    .toMatchObject({
      message: 'request failed',
      fields: { operation: 'streamEvents', err: failure, requestId: expect.any(String) },
    });
  Object.assign(api.store, { account });
});
