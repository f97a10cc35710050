import { Stager, type StreamEvent } from '@stager/sdk';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startCutProxy } from '../support/cutProxy.ts';
import { createClient } from '../support/http.ts';
import { makePhoto } from '../support/photos.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';

type Followed = StreamEvent & { id?: string };

let stack: TestStack;
let originalId: string;
beforeAll(async () => {
  stack = await startTestStack();
  const stager = new Stager({ baseUrl: stack.apiUrl, token: await stack.token() });
  const photo = await makePhoto(1);
  for await (const event of stager.stage([{ name: 'p.jpg', bytes: photo.bytes }], {
    engine: 'finish',
    wait: true,
  }))
    void event;
  for await (const image of stager.images.list()) originalId = image.originalId;
});
afterAll(() => stack.stop());

/** Everything from the very first event to the head, in one unbroken stream. */
async function replay(head: number): Promise<Followed[]> {
  const stager = new Stager({ baseUrl: stack.apiUrl, token: await stack.token() });
  const all: Followed[] = [];
  for await (const event of stager.events({ lastEventId: '0' })) {
    all.push(event);
    if (Number(event.id) >= head) break;
  }
  return all;
}

const isChange = (event: Followed) => 'imageId' in event;

describe('the event stream', () => {
  test('crossed commits and a line that is cut at random lose nothing and double nothing', async () => {
    const seed = Number(process.env['STAGER_TEST_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
    let state = seed;
    const random = () => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
      return state / 0x7fffffff;
    };
    const proxy = await startCutProxy(stack.apiUrl, (n) =>
      n > 60 ? null : 400 + Math.floor(random() * 6_000),
    );
    const token = await stack.token();
    const stager = new Stager({ baseUrl: proxy.url, token });
    const got: Followed[] = [];
    const controller = new AbortController();
    const following = (async () => {
      for await (const event of stager.events({ signal: controller.signal })) got.push(event);
    })().catch((error: unknown) => {
      if (!controller.signal.aborted) throw error;
    });
    await expect.poll(() => got[0]?.type).toBe('snapshot');
    const start = Number(got[0]?.id);

    // Many transactions of one account at once: their commits cross, their numbers must not. Whoever would wait for the
    // account for too long is told to come again.
    const maker = new Stager({ baseUrl: stack.apiUrl, token, maxRetries: 30 });
    const made = await Promise.all(
      Array.from({ length: 12 }, (_, call) =>
        maker.images.create({
          items: Array.from({ length: 4 }, (_, i) => ({
            originalId,
            engine: 'finish',
            seed: 1 + call * 10 + i,
          })),
        }),
      ),
    );
    const results = made.flatMap((batch) => batch.results.map(({ status }) => status));
    expect(results).toEqual(Array(48).fill('ok'));
    const ended = () =>
      new Set(got.flatMap((event) => (event.type === 'image.ready' ? [event.imageId] : []))).size;
    await expect.poll(ended, { message: `seed ${seed}` }).toBe(48);
    const head = Number(got.findLast((event) => isChange(event))?.id);
    controller.abort();
    await following;
    await proxy.close();

    const expected = (await replay(head)).filter((event) => isChange(event) && Number(event.id) > start);
    const received = got.filter(isChange);
    expect(
      received.map((event) => event.id),
      `seed ${seed}`,
    ).toEqual(expected.map((event) => event.id));
    expect(received).toEqual(expected);
    expect(proxy.connections, 'the line was cut').toBeGreaterThan(3);
  });

  test('a filter shows its own image only', async () => {
    const api = createClient(stack.apiUrl, await stack.token());
    const made = await api.post('/v1/images', {
      items: [
        { originalId, engine: 'finish', seed: 900 },
        { originalId, engine: 'finish', seed: 901 },
      ],
    });
    const [wanted] = made.body.results[1].images;
    const stager = new Stager({ baseUrl: stack.apiUrl, token: await stack.token() });
    const seen = new Set<string>();
    for await (const event of stager.events({ imageId: wanted.id, lastEventId: '0' })) {
      if ('imageId' in event) seen.add(event.imageId);
      if (event.type === 'image.ready') break;
    }
    expect([...seen]).toEqual([wanted.id]);
  });

  test('an id that was never issued gets reset and a snapshot', async () => {
    const stager = new Stager({ baseUrl: stack.apiUrl, token: await stack.token() });
    const types: string[] = [];
    for await (const event of stager.events({ lastEventId: '999999999' })) {
      types.push(event.type);
      if (types.length === 2) break;
    }
    expect(types).toEqual(['reset', 'snapshot']);
  });

  test('what does not exist cannot be followed', async () => {
    const api = createClient(stack.apiUrl, await stack.token());
    const answer = await api.get(`/v1/events?imageId=img_${'0'.repeat(26)}`);
    expect(answer.status).toBe(404);
  });
});
