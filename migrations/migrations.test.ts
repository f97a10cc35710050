import { readdir, readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { migrateDown, migrateUp, migrationStatus } from '../server/src/infra/migrate/index.ts';
import { dumpCatalog } from '../tests/support/catalog.ts';
import { createTestDatabase, type TestDatabase } from '../tests/support/database.ts';
import { fillEveryTable } from '../tests/support/fixtures.ts';

const names = (await readdir(import.meta.dirname)).filter((name) => /^\d{4}_.*\.ts$/.test(name)).sort();

describe('up, down, up', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase({ migrated: false });
  });
  afterAll(() => database.drop());

  test('all at once: the catalog is the same afterwards', async () => {
    expect(await migrateUp(database.ownerUrl)).toEqual(names);
    const first = await dumpCatalog(database.superuserUrl);
    expect(first.some((line) => line.startsWith('relation images '))).toBe(true);
    expect(await migrateDown(database.ownerUrl, 0)).toEqual(names.toReversed());
    const bare = await dumpCatalog(database.superuserUrl);
    expect(
      bare.filter((line) => line.startsWith('relation ') && !line.includes('schema_migrations')),
    ).toEqual([]);
    expect(await migrateUp(database.ownerUrl)).toEqual(names);
    expect(await dumpCatalog(database.superuserUrl)).toEqual(first);
  });

  test('step by step: each takes back exactly what it did', async () => {
    let above = await dumpCatalog(database.superuserUrl);
    for (let version = names.length; version > 0; version--) {
      await migrateDown(database.ownerUrl, version - 1);
      const below = await dumpCatalog(database.superuserUrl);
      expect(below).not.toEqual(above);
      await migrateUp(database.ownerUrl, { toVersion: version });
      expect(await dumpCatalog(database.superuserUrl)).toEqual(above);
      await migrateDown(database.ownerUrl, version - 1);
      above = below;
    }
    await migrateUp(database.ownerUrl);
    const status = await migrationStatus(database.ownerUrl);
    expect(status.every(({ appliedAt }) => appliedAt instanceof Date)).toBe(true);
  });

  test('with rows in every table, nothing stands in the way of going down', async () => {
    await fillEveryTable(database);
    await migrateDown(database.ownerUrl, 0);
    await migrateUp(database.ownerUrl);
  });
});

test.each([...names, '_template.ts'])('%s limits how long it waits for locks, up and down', async (name) => {
  const text = await readFile(new URL(name, import.meta.url), 'utf8');
  expect(text.match(/SET (LOCAL )?lock_timeout = '\d+s'/g)).toHaveLength(2);
});

describe('rights', () => {
  let dump: string[];
  beforeAll(async () => {
    const database = await createTestDatabase();
    dump = await dumpCatalog(database.superuserUrl);
    await database.drop();
  });

  test('every relation belongs to the owner', () => {
    const relations = dump.filter((line) => line.startsWith('relation '));
    expect(relations.length).toBeGreaterThan(10);
    expect(relations.filter((line) => !line.includes('owner=stager_owner'))).toEqual([]);
  });

  test('the audit log is added to, read by operators, and that is all', () => {
    const audit = dump.find((line) => line.startsWith('relation audit '));
    // a = INSERT, r = SELECT
    expect(audit).toContain('{stager_admin=ar/stager_owner,stager_api=a/stager_owner,stager_owner=');
    expect(audit).toContain(',stager_worker=a/stager_owner}');
    expect(dump.filter((line) => /^column audit\..*acl={/.test(line))).toEqual([]);
  });

  test('nobody but the owner may truncate, refer or add triggers', () => {
    const relations = dump.filter((line) => line.startsWith('relation ') && line.includes('stager_api='));
    // D = TRUNCATE, x = REFERENCES, t = TRIGGER
    expect(relations.filter((line) => /stager_(api|worker|relay|admin)=[a-z]*[Dxt]/.test(line))).toEqual([]);
  });

  test('the public gets nothing', () => {
    expect(dump.filter((line) => /^(relation|column) .*acl={(.*,)?=/.test(line))).toEqual([]);
  });
});
