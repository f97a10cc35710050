import { expect, test } from 'vitest';
import { serveHealth } from './health.ts';

test('answers whether it lives, and whether it is ready', async () => {
  let ready = false;
  const health = await serveHealth({ host: '127.0.0.1', port: 0, isReady: () => ready });
  const ask = async (path: string) => {
    const answer = await fetch(`http://127.0.0.1:${health.port}${path}`);
    return [answer.status, await answer.json()];
  };
  try {
    expect(await ask('/livez')).toEqual([200, { status: 'ok' }]);
    expect(await ask('/readyz')).toEqual([503, { status: 'failing' }]);
    ready = true;
    expect(await ask('/readyz')).toEqual([200, { status: 'ok' }]);
    expect((await ask('/else'))[0]).toBe(404);
    await expect(serveHealth({ host: '127.0.0.1', port: health.port, isReady: () => true })).rejects.toThrow(
      'EADDRINUSE',
    );
  } finally {
    await health.close();
  }
});
