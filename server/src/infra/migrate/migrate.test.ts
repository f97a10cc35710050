import { afterAll, expect, test } from 'vitest';
import { createTestDatabase } from '../../../../tests/support/database.ts';
import { migrateDown, migrateUp, migrationStatus } from './index.ts';

test('up', async () => {
  const db = await createTestDatabase({ migrated: false });
  console.log(await migrateUp(db.ownerUrl, { log: console.log }));
  const t = performance.now();
  console.log(await migrateUp(db.ownerUrl), performance.now() - t);
  console.log(await migrateDown(db.ownerUrl, 0));
  console.log(await migrationStatus(db.ownerUrl));
  await db.drop();
});
