import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { Stager } from '@stager/sdk';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makePhoto } from '../support/photos.ts';
import { childPids, makeTempDir, spawnStack, startTestStack, type TestStack } from '../support/stack.ts';

let dataDir: string;
let stack: TestStack;
beforeAll(async () => {
  dataDir = makeTempDir('stager-restart');
  stack = await startTestStack({ dataDir });
});
afterAll(async () => {
  await stack.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function finishOne(seed: number): Promise<string | undefined> {
  // It outlives what the API cannot do while its database is started again.
  const stager = new Stager({ baseUrl: stack.apiUrl, token: await stack.token(), maxRetries: 30 });
  const photo = await makePhoto(seed);
  for await (const event of stager.stage([{ name: `p${seed}.jpg`, bytes: photo.bytes }], {
    engine: 'finish',
    wait: true,
  })) {
    if (event.type === 'failed' || event.type === 'rejected') throw new Error(JSON.stringify(event));
  }
  for await (const image of stager.images.list({ limit: 1 })) return image.state;
  return undefined;
}

describe('the embedded stack', () => {
  test('a second start on the same data says so and leaves the first alone', async () => {
    const second = spawnStack(dataDir);
    let text = '';
    second.stderr?.on('data', (chunk: Buffer) => {
      text += chunk;
    });
    const [code] = await once(second, 'close');
    expect(code).toBe(1);
    expect(text).toContain('already');
    expect((await fetch(`${stack.apiUrl}/livez`)).status).toBe(200);
  });

  test('any of its processes may be killed: it comes back and works on', async () => {
    const pid = stack.process.pid ?? 0;
    const children = childPids(pid);
    for (const child of children) {
      process.kill(child, 'SIGKILL');
      await expect.poll(() => isAlive(child)).toBe(false);
      await expect.poll(() => childPids(pid)).toHaveLength(children.length);
      await expect
        .poll(async () => (await fetch(`${stack.apiUrl}/readyz`).catch(() => ({ status: 0 }))).status)
        .toBe(200);
      expect(await finishOne(child)).toBe('ready');
    }
  });

  test('killed as a whole, it leaves nothing behind but its data, and starts again on it', async () => {
    const before = await stack.token();
    expect(await finishOne(1)).toBe('ready');
    const children = childPids(stack.process.pid ?? 0);
    stack.process.kill('SIGKILL');
    await once(stack.process, 'exit');
    stack = await startTestStack({ dataDir });
    for (const child of children) await expect.poll(() => isAlive(child)).toBe(false);
    const answer = await fetch(`${stack.apiUrl}/v1/images`, {
      headers: { authorization: `Bearer ${before}` },
    });
    expect(answer.status).toBe(200);
    const images = (await answer.json()) as { items: { state: string }[] };
    expect(images.items.length).toBeGreaterThan(0);
    expect(images.items.every((image) => image.state === 'ready')).toBe(true);
  });

  test('Ctrl-C leaves nothing running', async () => {
    const children = childPids(stack.process.pid ?? 0);
    expect(children.length).toBeGreaterThanOrEqual(3);
    stack.process.kill('SIGINT');
    const [code] = await once(stack.process, 'exit');
    expect(code).toBe(0);
    for (const child of children) await expect.poll(() => isAlive(child)).toBe(false);
    await expect(fetch(`${stack.apiUrl}/livez`)).rejects.toThrow();
    stack = await startTestStack({ dataDir });
  });
});
