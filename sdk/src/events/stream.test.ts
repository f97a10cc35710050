import { getEventListeners } from 'node:events';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { startCutProxy } from '../../../tests/support/cutProxy.ts';
import { Stager } from '../client.ts';
import type { StagerOptions, TokenProvider } from '../core/options.ts';
import type { Original } from '../generated/types.ts';
import { type FakeApi, startFakeApi } from '../testing/index.ts';
import type { EventsOptions, FollowedEvent, ReconnectInfo } from './stream.ts';

let api: FakeApi;
beforeEach(async () => {
  // Waits before a reconnect are drawn at random; the tests draw the shortest.
  vi.spyOn(Math, 'random').mockReturnValue(0);
  api = await startFakeApi({ outcome: () => 'hold' });
  api.state.originals.set(ORIGINAL.id, ORIGINAL);
});
afterEach(async () => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  await api.close();
});

const ORIGINAL: Original = {
  id: `org_${'0'.repeat(26)}`,
  sha256: '0'.repeat(64),
  size: 1,
  contentType: 'image/jpeg',
  width: 1,
  height: 1,
  createdAt: '2026-01-01T00:00:00.000Z',
};

const USED = {
  type: 'billing.usage_warning',
  plan: 'free',
  period: { start: '2026-01-01T00:00:00.000Z', end: '2026-02-01T00:00:00.000Z' },
  used: 8,
  limit: 10,
  at: '2026-01-20T00:00:00.000Z',
} as const;

const client = (options: StagerOptions = {}) =>
  new Stager({ baseUrl: api.url, token: 'token-1', ...options });
const streams = () => api.requests.filter(({ operation }) => operation === 'streamEvents');

/** Makes one image; that is one event. */
async function make(seed: number): Promise<string> {
  const { results } = await client().images.create({ items: [{ originalId: ORIGINAL.id, seed }] });
  const [result] = results;
  if (result?.status !== 'ok') throw new Error('no image');
  return result.images[0]?.id ?? '';
}

/** Reads a stream in the background. */
function record(options: EventsOptions & { client?: StagerOptions } = {}) {
  const got: FollowedEvent[] = [];
  const reconnects: ReconnectInfo[] = [];
  const { client: own, ...rest } = options;
  const stream = client(own).events({ onReconnect: (info) => reconnects.push(info), ...rest });
  const done = (async () => {
    for await (const event of stream) got.push(event);
  })();
  done.catch(() => undefined);
  const ids = () => got.flatMap((event) => ('imageId' in event ? [event.id] : []));
  const count = (n: number) => vi.waitFor(() => expect(ids()).toHaveLength(n));
  const opened = () => vi.waitFor(() => expect(got[0]?.type).toBe('snapshot'));
  return { got, reconnects, stream, done, ids, count, opened };
}

describe('a stream', () => {
  test('opens with what is unfinished and goes on with what happens', async () => {
    const id = await make(1);
    const seen: string[] = [];
    const stream = client().events();
    for await (const event of stream) {
      seen.push(event.type);
      if (event.type === 'snapshot') {
        expect(event.images.map((image) => image.id)).toEqual([id]);
        api.finish(id);
      }
      if (event.type === 'image.ready') break;
    }
    expect(seen).toEqual(['snapshot', 'image.ready']);
    expect(stream.lastEventId).toBe('2');
    await vi.waitFor(() => expect(api.openStreams).toBe(0));
  });

  test('tells whoever follows the account how much is used, once', async () => {
    const all = record();
    const ofImage = record({ imageId: await make(1) });
    await Promise.all([all.opened(), ofImage.opened()]);
    api.state.tell(USED);
    await make(2);
    await all.count(1);
    api.cutConnections();
    await make(3);
    await all.count(2);
    expect(all.got.filter(({ type }) => type === USED.type)).toEqual([{ ...USED, id: '2' }]);
    expect(ofImage.got.map(({ type }) => type)).not.toContain(USED.type);
    for (const stream of [all, ofImage]) {
      stream.stream.close();
      await stream.done;
    }
  });

  test('resumes behind an id, and shows only what was asked for', async () => {
    const wanted = await make(1);
    await make(2);
    const resumed = record({ lastEventId: '1' });
    await resumed.count(1);
    expect(resumed.got.map((event) => event.id)).toEqual(['2']);
    expect(streams()[0]?.headers['last-event-id']).toBe('1');
    resumed.stream.close();
    await resumed.done;
    const filtered = record({ imageId: wanted, lastEventId: '0' });
    await filtered.count(1);
    expect(filtered.ids()).toEqual(['1']);
    expect(streams()[1]?.path).toContain(`imageId=${wanted}`);
    await filtered.stream.return();
  });

  test('ends cleanly when it is aborted, closed or disposed of, and leaves no listener', async () => {
    const controller = new AbortController();
    const aborted = record({ signal: controller.signal });
    await aborted.opened();
    controller.abort();
    await aborted.done;
    expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
    {
      await using stream = client().events();
      expect((await stream.next()).value?.type).toBe('snapshot');
    }
    await expect(client().events({ signal: AbortSignal.abort() }).next()).resolves.toMatchObject({
      done: true,
    });
    const unused = client().events();
    await unused.return();
    expect(streams()).toHaveLength(2);
    await vi.waitFor(() => expect(api.openStreams).toBe(0));
  });

  test('pings are shown to those who ask', async () => {
    await api.close();
    api = await startFakeApi({ pingMs: 10 });
    const stream = client().events({ pings: true });
    const types = [(await stream.next()).value?.type, (await stream.next()).value?.type];
    expect(types).toEqual(['snapshot', 'ping']);
    await stream.return();
  });

  test('a ping moves the position over what the filter hides', async () => {
    await api.close();
    api = await startFakeApi({ pingMs: 10, outcome: () => 'hold' });
    api.state.originals.set(ORIGINAL.id, ORIGINAL);
    const wanted = await make(1);
    const { stream, opened, done } = record({ imageId: wanted });
    await opened();
    await make(2);
    await vi.waitFor(() => expect(stream.lastEventId).toBe('2'));
    stream.close();
    await done;
  });
});

describe('a stream survives', () => {
  test('a cut connection', async () => {
    const { count, opened, ids, reconnects, stream, done } = record();
    await opened();
    await make(1);
    await count(1);
    api.cutConnections();
    await make(2);
    await count(2);
    expect(ids()).toEqual(['1', '2']);
    expect(reconnects[0]).toMatchObject({ ending: 'cut', delayMs: 0 });
    expect(streams()[1]?.headers['last-event-id']).toBe('1');
    stream.close();
    await done;
  });

  test('a cut before its first event: it asks for the snapshot', async () => {
    api.failNext({ cut: true, operation: 'streamEvents' });
    const { opened, stream, done } = record();
    await opened();
    stream.close();
    await done;
  });

  test.each(['shutdown', 'too_slow', 'token_expired', 'access_ended'] as const)('bye: %s', async (reason) => {
    const { count, opened, got, stream, done, reconnects } = record();
    await opened();
    api.endStreams(reason);
    await make(1);
    await count(1);
    expect(got.map(({ type }) => type)).toEqual(['snapshot', 'image.queued']);
    expect(reconnects[0]?.ending).toBe('bye');
    stream.close();
    await done;
  });

  test('a restart of the server', async () => {
    const { count, opened, ids, stream, done } = record();
    await opened();
    await make(1);
    await count(1);
    const { state } = api;
    const port = Number(new URL(api.url).port);
    await api.close();
    api = await startFakeApi({ port, outcome: () => 'hold' });
    for (const image of state.images.values()) api.state.insert(image);
    api.state.originals.set(ORIGINAL.id, ORIGINAL);
    await make(2);
    await count(2);
    expect(ids()).toEqual(['1', '2']);
    stream.close();
    await done;
  });

  test.each([
    ['429 with Retry-After', { code: 'rate_limited', retryAfter: 1 }],
    ['503', { code: 'unavailable' }],
    ['a page of a proxy', { status: 502 }],
    ['a connection that is not accepted', { cut: true }],
  ] as const)('%s', async (_name, failure) => {
    const { count, opened, stream, done } = record();
    await opened();
    api.failNext({ ...failure, times: failure === undefined ? 1 : 3, operation: 'streamEvents' });
    api.endStreams('shutdown');
    await make(1);
    await count(1);
    expect(streams().length).toBeGreaterThanOrEqual('cut' in failure ? 2 : 5);
    stream.close();
    await done;
  });

  test('a line that is dead on one side', async () => {
    const { count, opened, reconnects, stream, done } = record({ stallMs: 150 });
    await opened();
    await vi.waitFor(() => expect(reconnects.length).toBeGreaterThan(0));
    expect(reconnects[0]?.ending).toBe('stalled');
    await make(1);
    await count(1);
    stream.close();
    await done;
  });

  test('a server that takes the connection and says nothing', async () => {
    api.failNext({ hang: true, operation: 'streamEvents' });
    const { opened, reconnects, stream, done } = record({ stallMs: 300 });
    await opened();
    expect(reconnects[0]?.ending).toBe('stalled');
    stream.close();
    await done;
  });

  test('an expired token', async () => {
    await api.close();
    let valid = 'token-1';
    api = await startFakeApi({ acceptToken: (token) => token === valid, outcome: () => 'hold' });
    api.state.originals.set(ORIGINAL.id, ORIGINAL);
    const token: TokenProvider = { getToken: async (options) => (options?.refresh ? 'token-2' : 'token-1') };
    const { opened, reconnects, stream, done } = record({ client: { token } });
    await opened();
    valid = 'token-2';
    api.endStreams('shutdown');
    await vi.waitFor(() => expect(reconnects.map(({ ending }) => ending)).toEqual(['bye', 'refused']));
    await vi.waitFor(() => expect(streams()).toHaveLength(3));
    expect(streams().at(-1)?.headers['authorization']).toBe('Bearer token-2');
    stream.close();
    await done;
  });

  test('an issuer that does not answer for a while', async () => {
    const { ConnectionError } = await import('../core/errors.ts');
    let broken = false;
    const token: TokenProvider = {
      async getToken() {
        if (broken) {
          broken = false;
          throw new ConnectionError('down', { code: 'connection_failed', retryable: true });
        }
        return 'token';
      },
    };
    const { opened, reconnects, stream, done } = record({ client: { token } });
    await opened();
    broken = true;
    api.endStreams('token_expired');
    await vi.waitFor(() => expect(reconnects.map(({ ending }) => ending)).toEqual(['bye', 'unreachable']));
    await vi.waitFor(() => expect(streams()).toHaveLength(2));
    stream.close();
    await done;
  });

  test('an id that is too old, or of another time: reset, then a snapshot', async () => {
    await make(1);
    await make(2);
    api.state.forgetEvents();
    const old = record({ lastEventId: '1' });
    await vi.waitFor(() => expect(old.got.map(({ type }) => type)).toEqual(['reset', 'snapshot']));
    old.stream.close();
    const unknown = record({ lastEventId: '999' });
    await vi.waitFor(() => expect(unknown.got.map(({ type }) => type)).toEqual(['reset', 'snapshot']));
    await make(3);
    await unknown.count(1);
    unknown.stream.close();
    await Promise.all([old.done, unknown.done]);
  });

  test('cuts at any byte: nothing is lost, nothing comes twice, in order', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 1_200 }), { minLength: 1, maxLength: 12 }),
        async (cuts) => {
          const proxy = await startCutProxy(api.url, (n) => cuts[n] ?? null);
          const start = api.state.range.head;
          // Before the first event the head is all there is to resume from.
          const stream = new Stager({ baseUrl: proxy.url, token: 'x', maxRetries: 50 }).events({
            lastEventId: String(start),
          });
          const total = 12;
          for (let i = 0; i < total; i += 1) await make(start + i);
          const ids: number[] = [];
          for await (const { id } of stream) {
            ids.push(Number(id));
            if (ids.length === total) break;
          }
          expect(ids).toEqual(Array.from({ length: total }, (_, i) => start + 1 + i));
          await proxy.close();
        },
      ),
      { numRuns: 25 },
    );
  }, 60_000);
});

describe('a stream ends', () => {
  test.each([
    ['what is not there', { code: 'not_found' }, 'NotFoundError'],
    ['no permission', { code: 'insufficient_scope' }, 'PermissionError'],
    ['a token that stays refused', { code: 'unauthenticated', times: 2 }, 'AuthenticationError'],
  ] as const)('with %s', async (_name, failure, name) => {
    api.failNext({ ...failure, operation: 'streamEvents' });
    await expect(client().events().next()).rejects.toMatchObject({ name });
  });

  test('when it could never be opened, after some tries', async () => {
    await api.close();
    const { reconnects, done } = record({ maxRetries: 2 });
    await expect(done).rejects.toMatchObject({
      name: 'ConnectionError',
      hint: expect.stringContaining('Nothing listens'),
    });
    expect(reconnects).toHaveLength(2);
    api = await startFakeApi();
  });

  test('when what answers is no stream', async () => {
    const fetched = () =>
      Promise.resolve(new Response('<html>Welcome</html>', { headers: { 'content-type': 'text/html' } }));
    await expect(client({ fetch: fetched }).events().next()).rejects.toMatchObject({
      code: 'invalid_answer',
    });
  });

  test('when an event is no JSON', async () => {
    const body = 'event: image.ready\nid: 1\ndata: {oops\n\n';
    const fetched = () =>
      Promise.resolve(new Response(body, { headers: { 'content-type': 'text/event-stream' } }));
    await expect(client({ fetch: fetched }).events().next()).rejects.toMatchObject({
      code: 'invalid_answer',
    });
  });
});

describe('a slow consumer', () => {
  test('makes us stop reading instead of filling the memory, and gets everything', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const total = 4_000;
    let sent = 0;
    const encoder = new TextEncoder();
    const event = (id: number) =>
      encoder.encode(`id: ${id}\nevent: image.ready\ndata: {"type":"image.ready","imageId":"img_${id}"}\n\n`);
    const body = new ReadableStream<Uint8Array>(
      {
        pull(sink) {
          sent += 1;
          if (sent <= total) sink.enqueue(event(sent));
        },
      },
      { highWaterMark: 0 },
    );
    const answer = new Response(body, { headers: { 'content-type': 'text/event-stream' } });
    const stream = client({ fetch: () => Promise.resolve(answer) }).events({
      lastEventId: '0',
      stallMs: 200,
    });
    expect((await stream.next()).value?.id).toBe('1');
    await vi.waitFor(() => expect(sent).toBeGreaterThan(256));
    const held = sent;
    expect(held).toBeLessThan(300);
    // Far longer than the watchdog waits: it is us who do not read, not the line that is dead.
    await vi.advanceTimersByTimeAsync(600_000);
    expect(sent).toBe(held);
    vi.useRealTimers();
    for (let id = 2; id <= total; id += 1) expect((await stream.next()).value?.id).toBe(String(id));
    await stream.return();
  });
});
