import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readConfig } from '../../server/src/infra/config.ts';
import { createDiskObjects } from '../../server/src/infra/objects/disk/index.ts';
import { startApi } from '../../server/src/start/api.ts';
import { apiConfig } from '../../server/src/start/config.ts';
import { startWorld, type World } from './world.ts';

const ORIGIN = 'https://app.example.com';
let world: World;
let api: { url: string; stop(): Promise<void> };
/** A presigned download that is good. */
let link: string;
beforeAll(async () => {
  world = await startWorld();
  const more = { STAGER_HSTS_SECONDS: '600', STAGER_CORS_ORIGINS: `https://other.example.com, ${ORIGIN}` };
  api = await startApi(readConfig(apiConfig, { ...world.env, ...more }));
  const objects = createDiskObjects({
    root: world.env['STAGER_OBJECTS_DIR'] ?? '',
    publicUrl: api.url,
    secrets: [world.env['STAGER_OBJECTS_SECRETS'] ?? ''],
  });
  const ref = { bucket: 'photos', key: 'outputs/one' } as const;
  await objects.write(ref, Buffer.from('<script>alert(1)</script>'), 'image/jpeg');
  link = await objects.presignGet({ ref, expiresAt: new Date(Date.now() + 3_600_000) });
});
afterAll(async () => {
  await api.stop();
  await world.close();
});

describe('a presigned download', () => {
  const ALWAYS = {
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'no-referrer',
    'strict-transport-security': 'max-age=600; includeSubDomains',
    vary: 'Origin',
  };
  const headersOf = (answer: Response) => Object.fromEntries(answer.headers);

  test('carries what keeps a browser from running it', async () => {
    const answer = await fetch(link);
    expect(answer.status).toBe(200);
    expect(headersOf(answer)).toMatchObject({
      ...ALWAYS,
      'content-security-policy': "default-src 'none'; sandbox",
      'content-disposition': expect.stringMatching(/^attachment/),
      // A link is for whoever has it, also on a page of theirs.
      'cross-origin-resource-policy': 'cross-origin',
    });
  });

  test.each([
    ['that is none', (good: string) => good.replace('one', 'two'), 'GET', 403],
    ['by another method', (good: string) => good, 'DELETE', 405],
  ])('%s carries the same', async (_name, spoil, method, status) => {
    const answer = await fetch(spoil(link), { method });
    expect(answer.status).toBe(status);
    expect(headersOf(answer)).toMatchObject(ALWAYS);
  });

  test('may be read by a page of a configured origin, and by no other', async () => {
    const allowed = async (origin: string) =>
      (await fetch(link, { headers: { origin } })).headers.get('access-control-allow-origin');
    expect(await allowed(ORIGIN)).toBe(ORIGIN);
    expect(await allowed('https://evil.example.com')).toBeNull();
  });

  test('an upload from such a page is asked for and allowed', async () => {
    const asked = await fetch(`${api.url}/objects/uploads/x`, {
      method: 'OPTIONS',
      headers: { origin: ORIGIN, 'access-control-request-method': 'PUT' },
    });
    expect([asked.status, asked.headers.get('access-control-allow-methods')]).toEqual([
      204,
      expect.stringContaining('PUT'),
    ]);
    expect(asked.headers.get('access-control-allow-headers')).toContain('x-amz-checksum-sha256');
  });
});

test.each([['https://app.example.com/'], ['app.example.com'], ['*'], ['https://*.example.com'], ['']])(
  'what is no exact origin is refused at the start: %j',
  (origins) => {
    const read = () => readConfig(apiConfig, { ...world.env, STAGER_CORS_ORIGINS: `${ORIGIN},${origins}` });
    expect(read).toThrow('STAGER_CORS_ORIGINS');
  },
);
