import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type IssuerStore, openStore } from './store.ts';

let dir: string;
let file: string;
let store: IssuerStore;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'stager-store-'));
  file = join(dir, 'issuer.sqlite');
  store = openStore(file);
});
afterEach(() => {
  vi.useRealTimers();
  store.close();
  rmSync(dir, { recursive: true });
});

describe('what the issuer keeps', () => {
  test('is found by each of its keys, until it is destroyed', async () => {
    const codes = store.adapter('DeviceCode');
    await codes.upsert('a', { userCode: 'BCDF', grantId: 'g' }, 60);
    expect(await codes.findByUserCode('BCDF')).toEqual({ userCode: 'BCDF', grantId: 'g' });
    await store.adapter('Session').upsert('s', { uid: 'u' }, 60);
    expect(await store.adapter('Session').findByUid('u')).toEqual({ uid: 'u' });
    expect(await store.adapter('Session').find('a')).toBeUndefined();
    await codes.destroy('a');
    expect(await codes.find('a')).toBeUndefined();
  });

  test('a grant takes its own with it, model by model', async () => {
    const tokens = store.adapter('RefreshToken');
    await tokens.upsert('a', { grantId: 'g' }, 60);
    await tokens.upsert('b', { grantId: 'h' }, 60);
    await tokens.revokeByGrantId('g');
    expect([await tokens.find('a'), await tokens.find('b')]).toEqual([undefined, { grantId: 'h' }]);
  });

  test('is consumed once, and stays consumed when it is written again', async () => {
    const tokens = store.adapter('RefreshToken');
    await tokens.upsert('a', {}, 60);
    await tokens.consume('a');
    await expect(tokens.consume('a')).rejects.toThrow('invalid_grant');
    await tokens.upsert('a', {}, 60);
    expect(await tokens.find('a')).toEqual({ consumed: expect.any(Number) });
  });

  test('is thrown out an hour after it expired, and not before', async () => {
    const codes = store.adapter('DeviceCode');
    await codes.upsert('short', {}, 60);
    await codes.upsert('long', {}, 7200);
    await codes.upsert('endless', {});
    const begin = Date.now();
    vi.useFakeTimers({ toFake: ['Date'], now: begin + 3600_000 });
    store.prune();
    expect(await codes.find('short')).toEqual({});
    vi.setSystemTime(begin + 3662_000);
    store.prune();
    expect(await codes.find('short')).toBeUndefined();
    expect([await codes.find('long'), await codes.find('endless')]).toEqual([{}, {}]);
  });

  test('the first secret under a name stays', () => {
    expect(store.keepSecret('key', 'one')).toBe('one');
    expect(store.keepSecret('key', 'two')).toBe('one');
    expect(store.readSecret('key')).toBe('one');
  });

  test('a file of a newer version is refused', () => {
    store.close();
    const db = new DatabaseSync(file);
    db.exec('pragma user_version = 99');
    db.close();
    expect(() => openStore(file)).toThrow(/cannot use its data file/);
    const back = new DatabaseSync(file);
    back.exec('pragma user_version = 1');
    back.close();
    store = openStore(file);
  });
});
