import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { credentialsFile } from '../settings/paths.ts';
import { tempDir } from '../testing/tempDir.ts';
import { checkFiles, checkNetwork, checkNode } from './local.ts';
import { checkApi, checkClock, skewOf } from './remote.ts';

describe('the clock', () => {
  const at = Date.parse('2026-01-01T00:00:10Z');
  const date = new Date(at).toUTCString();
  test.each([
    ['agrees', date, at, at + 100, 0],
    ['agrees over a slow line', date, at - 3000, at + 3000, 0],
    ['agrees within the second that the header leaves open', date, at + 900, at + 950, 0],
    ['is ahead', date, at + 61_000, at + 61_100, 60],
    ['is behind', date, at - 61_000, at - 60_000, -60],
    ['is not told', null, at, at, undefined],
    ['is told in nonsense', 'soon', at, at, undefined],
  ])('%s', (_name, header, sentAt, receivedAt, skew) => {
    expect(skewOf(header, sentAt, receivedAt)).toBe(skew);
  });
  const probe = { apiUrl: '', latencyMs: 1, health: undefined, error: undefined };
  test.each([
    [0, 'ok'],
    [4, 'ok'],
    [-60, 'failed'],
    [60, 'failed'],
    [undefined, 'skipped'],
  ])('%s s off is %s', (skewSeconds, status) => {
    expect(checkClock({ ...probe, skewSeconds }).status).toBe(status);
  });
});

describe('the API', () => {
  const probe = { apiUrl: 'https://a', skewSeconds: 0, error: undefined };
  const error = {
    code: 'x',
    message: 'm',
    hint: 'h',
    requestId: null,
    docsUrl: null,
    retryable: true,
    next: [],
  };
  test.each([
    ['ready', { latencyMs: 10, health: { status: 'ok', checks: { database: 'ok' } } }, 'ok'],
    ['slow', { latencyMs: 3000, health: { status: 'ok' } }, 'warning'],
    ['failing', { latencyMs: 10, health: { status: 'failing', checks: { store: 'failing' } } }, 'failed'],
    ['not there', { latencyMs: undefined, health: undefined, error }, 'failed'],
    ['there, but answering nonsense', { latencyMs: 10, health: undefined, error }, 'failed'],
  ])('%s', (_name, part, status) => {
    const finding = checkApi({ ...probe, ...part });
    expect(finding.status).toBe(status);
    if (status === 'failed') expect(finding.fix).toBeTruthy();
  });
});

describe('this machine', () => {
  test('Node', () => {
    expect(checkNode('22.12.0').status).toBe('ok');
    expect(checkNode('20.20.2').status).toBe('failed');
  });

  test('files that others may read or replace', () => {
    const dir = join(tempDir(), 'my config');
    expect(checkFiles(dir, 'linux').status).toBe('ok');
    mkdirSync(dir, { mode: 0o700 });
    writeFileSync(credentialsFile(dir), '{}', { mode: 0o600 });
    expect(checkFiles(dir, 'linux').status).toBe('ok');
    chmodSync(credentialsFile(dir), 0o644);
    expect(checkFiles(dir, 'linux')).toMatchObject({
      status: 'failed',
      fix: expect.stringMatching(/^chmod 600 '.*'$/),
    });
    chmodSync(dir, 0o777);
    expect(checkFiles(dir, 'linux')).toMatchObject({
      status: 'failed',
      fix: expect.stringContaining('chmod 700'),
    });
    expect(checkFiles(dir, 'win32').status).toBe('skipped');
  });

  test.each([
    ['nothing set', {}, 'ok', 'no proxy'],
    [
      'a proxy',
      { HTTPS_PROXY: 'http://user:secret@proxy:3128', NO_PROXY: '.corp' },
      'ok',
      'proxy:3128, except for .corp',
    ],
    ['a proxy that is none', { HTTPS_PROXY: 'proxy 3128' }, 'failed', 'not an http address'],
    ['a CA file that is not there', { NODE_EXTRA_CA_CERTS: '/nowhere/ca.pem' }, 'failed', '/nowhere/ca.pem'],
    ['certificates unchecked', { NODE_TLS_REJECT_UNAUTHORIZED: '0' }, 'warning', 'not checked'],
  ])('network: %s', (_name, env, status, text) => {
    const finding = checkNetwork(env);
    expect(finding.status).toBe(status);
    expect(finding.message).toContain(text);
    expect(JSON.stringify(finding)).not.toContain('secret');
  });
});
