import { Stager } from '@stager/sdk';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestApi, type TestApi } from '../support/api.ts';
import { startCutProxy } from '../support/cutProxy.ts';
import { makeAccount, queueImages } from '../support/fixtures.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi({
    who: (token) => ({ subject: token, expiresAt: new Date(Date.now() + 3_600_000) }),
    scopes: ['images:read'],
  });
  await queueImages(api.store, await makeAccount(api.store, 'member'), 2);
});
afterAll(() => api.close());

/** Bytes of the answer to an unknown id, as they come over the line, with where the reset and the snapshot end. */
async function answerOf(url: string): Promise<{ reset: number; snapshot: number }> {
  const response = await fetch(`${url}/v1/events`, {
    headers: { authorization: 'Bearer member', 'last-event-id': '999' },
  });
  let body = '';
  for await (const chunk of response.body ?? []) {
    body += Buffer.from(chunk).toString();
    const reset = body.indexOf('\n\nid: ');
    const snapshot = body.indexOf('\n\n', reset + 2);
    // The head and the lengths of chunks come on top: a few hundred bytes at most.
    if (reset > 0 && snapshot > 0) return { reset: reset + 2, snapshot: snapshot + 2 };
  }
  throw new Error('the stream ended before its snapshot');
}

test('an unknown id ends with a snapshot, wherever the line is cut on the way', async () => {
  const { reset, snapshot } = await answerOf(api.url);
  const HEAD_MAX = 600;
  let between = 0;
  for (let cut = reset; cut < snapshot + HEAD_MAX; cut += 61) {
    const proxy = await startCutProxy(api.url, (n) => (n === 0 ? cut : null));
    const types: string[] = [];
    const stream = new Stager({ baseUrl: proxy.url, token: 'member' }).events({
      lastEventId: '999',
      onReconnect: () => {
        if (types.length === 1) between += 1;
      },
    });
    for await (const event of stream) {
      types.push(event.type);
      const at = event.type === 'reset' ? [undefined, '999'] : ['2', '2'];
      expect([event.id, stream.lastEventId], `${event.type}, cut at ${cut}`).toEqual(at);
      if (event.type === 'snapshot') break;
    }
    expect(types, `cut at ${cut}`).toEqual(['reset', 'snapshot']);
    await proxy.close();
  }
  expect(between, 'cuts between reset and snapshot').toBeGreaterThan(0);
});
