import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import type { Sent } from '../core/events/follow.ts';
import { frame, pipeEvents, writeStreamHead } from './sse.ts';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

async function serve(answer: (res: ServerResponse) => Promise<void>): Promise<number> {
  const server = createServer((_req, res) => void answer(res));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  // Listening on TCP gives an AddressInfo.
  return (server.address() as AddressInfo).port;
}

const ping = { type: 'ping', at: '2026-01-01T00:00:00.000Z' } as const;

test('an event is one frame with its id, and data cannot break out of it', () => {
  expect(frame({ type: 'reset', reason: 'id_too_old' }, '7')).toBe(
    'id: 7\nevent: reset\ndata: {"type":"reset","reason":"id_too_old"}\n\n',
  );
  const hostile = { ...ping, at: 'a\n\nevent: evil\ndata: x' };
  expect(frame(hostile).match(/^event:/gm)).toHaveLength(1);
});

test('a stream says why it ends', async () => {
  const port = await serve(async (res) => {
    writeStreamHead(res);
    const end = AbortSignal.abort('token_expired');
    async function* source(): AsyncGenerator<Sent> {
      yield { id: '1', event: ping };
    }
    await pipeEvents(res, source(), end, 10_000);
  });
  const response = await fetch(`http://127.0.0.1:${port}/`);
  expect(response.headers.get('content-type')).toContain('text/event-stream');
  expect(response.headers.get('x-accel-buffering')).toBe('no');
  const text = await response.text();
  expect(text).toContain('id: 1\nevent: ping');
  expect(text).toMatch(/event: bye\ndata: {"type":"bye","reason":"token_expired"}\n\n$/);
});

test('a source that ends by itself sends its reader to the next process', async () => {
  const port = await serve(async (res) => {
    writeStreamHead(res);
    async function* source(): AsyncGenerator<Sent> {
      yield { id: '1', event: ping };
    }
    await pipeEvents(res, source(), new AbortController().signal, 10_000);
  });
  const text = await (await fetch(`http://127.0.0.1:${port}/`)).text();
  expect(text).toMatch(/data: {"type":"bye","reason":"shutdown"}\n\n$/);
});

test('a reader who leaves while it is waited for has gone and was not slow', async () => {
  const ended = Promise.withResolvers<string>();
  const waiting = Promise.withResolvers<void>();
  const port = await serve(async (res) => {
    writeStreamHead(res);
    async function* source(): AsyncGenerator<Sent> {
      for (let id = 1; ; id += 1) {
        if (res.writableLength > 0) waiting.resolve();
        yield { id: String(id), event: { ...ping, at: 'x'.repeat(1_000_000) } };
      }
    }
    ended.resolve(await pipeEvents(res, source(), new AbortController().signal, 60_000));
  });
  const socket = connect(port, '127.0.0.1', () => socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n'));
  socket.pause();
  closers.push(() => socket.destroy());
  await Promise.race([waiting.promise, ended.promise]);
  socket.destroy();
  expect(await ended.promise).toBe('gone');
});

test('a reader who has gone ends the stream', async () => {
  let reason: string | undefined;
  let ended = () => {};
  const finished = new Promise<void>((resolve) => {
    ended = resolve;
  });
  const port = await serve(async (res) => {
    writeStreamHead(res);
    async function* source(): AsyncGenerator<Sent> {
      for (let id = 1; ; id += 1) {
        await new Promise((next) => setImmediate(next));
        yield { id: String(id), event: ping };
      }
    }
    reason = await pipeEvents(res, source(), new AbortController().signal, 10_000);
    ended();
  });
  const socket = connect(port, '127.0.0.1', () => socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n'));
  socket.once('data', () => socket.destroy());
  await finished;
  expect(reason).toBe('gone');
});

test('waiting for a slow reader leaves no listener behind', async () => {
  let counts: number[] = [];
  let ended = () => {};
  const finished = new Promise<void>((resolve) => {
    ended = resolve;
  });
  const large = { ...ping, at: 'x'.repeat(200_000) };
  const port = await serve(async (res) => {
    writeStreamHead(res);
    const before = [res.listenerCount('drain'), res.listenerCount('close')];
    async function* source(): AsyncGenerator<Sent> {
      for (let id = 1; id <= 30; id += 1) {
        yield { id: String(id), event: large };
        counts = [
          res.listenerCount('drain') - (before[0] ?? 0),
          res.listenerCount('close') - (before[1] ?? 0),
        ];
        expect(counts).toEqual([0, 0]);
      }
    }
    await pipeEvents(res, source(), AbortSignal.abort('shutdown'), 10_000);
    ended();
  });
  const response = await fetch(`http://127.0.0.1:${port}/`);
  expect((await response.text()).match(/^event: ping/gm)).toHaveLength(30);
  await finished;
  expect(counts).toEqual([0, 0]);
});
