import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { Stager } from '../client.ts';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** A server that answers each connection in its turn, and keeps what it was asked to resume behind. */
async function serve(...answers: ((res: ServerResponse) => void)[]) {
  const asked: (string | undefined)[] = [];
  const server = createServer((req, res) => {
    const id = req.headers['last-event-id'];
    asked.push(Array.isArray(id) ? id.join() : id);
    res.writeHead(200, { 'content-type': 'text/event-stream' });
    answers[asked.length - 1]?.(res);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  // Listening on TCP gives an AddressInfo.
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

const RESET = 'event: reset\ndata: {"type":"reset","reason":"id_too_old"}\n\n';
const SNAPSHOT = 'id: 41\nevent: snapshot\ndata: {"type":"snapshot","images":[],"truncated":false}\n\n';
const PING = 'id: 42\nevent: ping\ndata: {"type":"ping","at":"2026-01-01T00:00:00.000Z"}\n\n';

test('a line that is cut between a reset and its snapshot: the snapshot is asked for again', async () => {
  const cut = (res: ServerResponse) => res.write(RESET, () => res.destroy());
  const { url, asked } = await serve(cut, (res) => res.write(SNAPSHOT));
  await using stream = new Stager({ baseUrl: url, token: 't' }).events({ lastEventId: '7' });
  expect((await stream.next()).value).toEqual({ type: 'reset', reason: 'id_too_old' });
  // Whoever keeps this position over a restart of their own gets the reset once more, and nothing is lost.
  expect(stream.lastEventId).toBe('7');
  expect((await stream.next()).value).toMatchObject({ type: 'snapshot', id: '41' });
  expect(stream.lastEventId).toBe('41');
  expect(asked).toEqual(['7', undefined]);
});

test('behind its snapshot a reset is over: the next connection resumes', async () => {
  const { url, asked } = await serve(
    (res) => res.write(RESET + SNAPSHOT, () => res.destroy()),
    (res) => res.write(PING),
  );
  await using stream = new Stager({ baseUrl: url, token: 't' }).events({ lastEventId: '7', pings: true });
  const types = [];
  for await (const { type } of stream) {
    types.push(type);
    if (types.length === 3) break;
  }
  expect(types).toEqual(['reset', 'snapshot', 'ping']);
  expect(asked).toEqual(['7', '41']);
});
