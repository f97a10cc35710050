import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createFetch, proxySettings, usesProxy } from './fetch.ts';
import { isLoopback } from './loopback.ts';

async function listen(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  // A TCP listener has an AddressInfo; only pipes have strings.
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('the proxy of the environment', () => {
  test.each([
    [{}, {}],
    [{ HTTPS_PROXY: 'http://p:1' }, { httpsProxy: 'http://p:1' }],
    [{ HTTP_PROXY: 'http://p:1' }, { httpProxy: 'http://p:1', httpsProxy: 'http://p:1' }],
    // An empty variable in the other case must not hide the one that is set.
    [{ https_proxy: '', HTTPS_PROXY: 'http://p:1' }, { httpsProxy: 'http://p:1' }],
    [{ https_proxy: 'http://low:1', HTTPS_PROXY: 'http://up:1' }, { httpsProxy: 'http://low:1' }],
    [
      { HTTPS_PROXY: 'http://p:1', NO_PROXY: '.corp' },
      { httpsProxy: 'http://p:1', noProxy: '.corp' },
    ],
  ])('%o', (env, settings) => {
    expect(proxySettings(env)).toEqual(settings);
    expect(usesProxy(env)).toBe('httpsProxy' in settings);
  });

  test('without one, it is Node’s own fetch', async () => {
    expect(await createFetch({})).toBe(globalThis.fetch);
  });

  test('requests go through it; loopback and NO_PROXY do not', async () => {
    const asked: string[] = [];
    const proxy = createServer((request, response) => {
      asked.push(request.url ?? '');
      response.end('from the proxy');
    });
    // Plain http to a proxy is a request with a whole address; a tunnel is asked for with CONNECT.
    proxy.on('connect', (request, socket) => {
      asked.push(`CONNECT ${request.url}`);
      socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
    });
    const target = await listen(createServer((_request, response) => response.end('direct')));
    const send = await createFetch({ HTTP_PROXY: await listen(proxy), NO_PROXY: 'skipped.invalid' });
    await send('http://stager.invalid/livez').then(
      (response) => response.text(),
      () => undefined,
    );
    await send(new Request('https://tls.invalid/v1', { method: 'POST', body: 'x' })).catch(() => undefined);
    expect(asked.join(' ')).toContain('stager.invalid');
    expect(asked).toContain('CONNECT tls.invalid:443');
    expect(await (await send(`${target}/x`)).text()).toBe('direct');
    await expect(send('http://skipped.invalid/')).rejects.toThrow();
    expect(asked.join(' ')).not.toContain('skipped.invalid');
  });
});

test.each([
  ['http://127.0.0.1:4600', true],
  ['http://127.9.9.9', true],
  ['http://localhost', true],
  ['http://api.localhost', true],
  ['http://[::1]:80', true],
  ['http://127.example.com', false],
  ['http://localhost.example.com', false],
  ['http://10.0.0.1', false],
])('%s is loopback: %s', (url, loopback) => {
  expect(isLoopback(new URL(url))).toBe(loopback);
});
