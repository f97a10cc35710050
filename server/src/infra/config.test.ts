import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { apiConfig } from '../start/config.ts';
import { payOrigins } from '../start/pages.ts';
import { readConfig } from './config.ts';

const dirs: string[] = [];
afterEach(() => {
  for (const dir of dirs.splice(0)) rmSync(dir, { recursive: true });
});

const good = {
  STAGER_DATABASE_URL: 'postgres://api:secret@127.0.0.1/stager',
  STAGER_RELAY_DATABASE_URL: 'postgres://relay:secret@127.0.0.1/stager',
  STAGER_OBJECTS_DIR: '/var/lib/stager',
  STAGER_OBJECTS_SECRETS: 'first-secret-0123456789, second-secret-012345',
  STAGER_OBJECTS_PUBLIC_URL: 'https://api.example.com',
  STAGER_ISSUER: 'https://tenant.example.com/',
  STAGER_AUDIENCE: 'https://api.example.com',
  STAGER_CLI_CLIENT_ID: 'cli',
};

test('what is needed is enough, the rest has defaults', () => {
  const config = readConfig(apiConfig, good);
  expect(config.STAGER_ENV).toBe('production');
  expect(config.STAGER_OBJECTS_SECRETS).toEqual(['first-secret-0123456789', 'second-secret-012345']);
  expect(config.STAGER_MAX_UPLOAD_BYTES).toBe(50 * 1024 * 1024);
  expect(config.STAGER_MAX_PIXELS).toBe(100_000_000);
});

test('every violation is named at once', () => {
  const broken = { ...good, STAGER_PORT: 'x', STAGER_OBJECTS_SECRETS: 'short', STAGER_ISSUER: undefined };
  expect(() => readConfig(apiConfig, broken)).toThrow(
    /STAGER_OBJECTS_SECRETS[\s\S]*STAGER_PORT[\s\S]*STAGER_ISSUER/,
  );
});

test('an empty variable is one that is not set', () => {
  expect(readConfig(apiConfig, { ...good, STAGER_PORT: '' }).STAGER_PORT).toBe(4600);
});

test('a value can come from a file, and a file that cannot be read is named', () => {
  const dir = mkdtempSync(join(tmpdir(), 'stager-config-'));
  dirs.push(dir);
  writeFileSync(join(dir, 'audience'), 'https://from-file\n');
  const config = readConfig(apiConfig, {
    ...good,
    STAGER_AUDIENCE: undefined,
    STAGER_AUDIENCE_FILE: join(dir, 'audience'),
  });
  expect(config.STAGER_AUDIENCE).toBe('https://from-file');
  expect(() => readConfig(apiConfig, { ...good, STAGER_AUDIENCE_FILE: join(dir, 'none') })).toThrow(
    /STAGER_AUDIENCE_FILE/,
  );
});

test.each([
  [{ STAGER_OBJECTS_DIR: undefined }, ['STAGER_OBJECTS_DIR: needed when STAGER_OBJECTS is disk']],
  [
    { STAGER_OBJECTS: 's3', STAGER_S3_ENDPOINT: 'http://store' },
    [
      'STAGER_S3_ACCESS_KEY: needed when STAGER_OBJECTS is s3',
      'STAGER_S3_SECRET_KEY: needed when STAGER_OBJECTS is s3',
    ],
  ],
  [{ STAGER_DOORBELL: 'bee' }, ['STAGER_REDIS_URL: needed when STAGER_DOORBELL is bee']],
  [{ STAGER_LIMITER: 'redis' }, ['STAGER_REDIS_URL: needed when STAGER_LIMITER is redis']],
])('%j lacks what its choice needs, also beside other faults', (change, lines) => {
  for (const fault of [{}, { STAGER_PORT: 'x' }]) {
    let text = '';
    try {
      readConfig(apiConfig, { ...good, ...change, ...fault });
    } catch (error) {
      text = String(error);
    }
    for (const line of lines) expect(text).toContain(line);
  }
});

test('a choice with all that it needs is enough', () => {
  const config = readConfig(apiConfig, {
    ...good,
    STAGER_OBJECTS_DIR: undefined,
    STAGER_OBJECTS_SECRETS: undefined,
    STAGER_OBJECTS: 's3',
    STAGER_S3_ENDPOINT: 'http://store:9000',
    STAGER_S3_ACCESS_KEY: 'key',
    STAGER_S3_SECRET_KEY: 'secret',
    STAGER_DOORBELL: 'bee',
    STAGER_LIMITER: 'redis',
    STAGER_REDIS_URL: 'redis://cache:6379',
  });
  expect(config.STAGER_S3_UPLOADS_BUCKET).toBe('stager-uploads');
});

test('forms of the checkout page lead to Stripe, and to a domain of its own where one is named, by https', () => {
  const named = { ...good, STAGER_STRIPE_PAGE_ORIGINS: 'https://pay.example.com' };
  expect(payOrigins(readConfig(apiConfig, named))).toEqual([
    'https://checkout.stripe.com',
    'https://billing.stripe.com',
    'https://pay.example.com',
  ]);
  for (const wrong of [
    'http://pay.example.com',
    'https://pay.example.com/',
    'https://*.example.com',
    'data:',
  ]) {
    expect(() => readConfig(apiConfig, { ...good, STAGER_STRIPE_PAGE_ORIGINS: wrong })).toThrow(
      /STAGER_STRIPE_PAGE_ORIGINS/,
    );
  }
});
