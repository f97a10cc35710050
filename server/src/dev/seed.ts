import { grantAdmin } from '../core/admin/grantAdmin.ts';
import { newId } from '../core/ids.ts';
import type { AdminStore, Store } from '../ports/index.ts';
import { CI_CLIENT } from './names.ts';

const ACCOUNTS = [
  { name: 'Demo', members: ['auth0|demo', `${CI_CLIENT}@clients`] },
  { name: 'Other', members: ['auth0|other'] },
] as const;

/** Makes the accounts of the local users, once. */
export async function seedAccounts(store: Store): Promise<void> {
  for (const { name, members } of ACCOUNTS) {
    const [owner] = members;
    if (await store.read.accounts.findByPrincipal(owner)) continue;
    await store.transaction(async (tx) => {
      const id = newId('acc');
      await tx.accounts.create(id, { name, plan: 'dev' });
      for (const principal of members) {
        await tx.members.add(id, {
          id: newId('mem'),
          principal,
          role: principal === owner ? 'owner' : 'member',
        });
      }
    });
  }
}

/** `demo` operates the installation. */
export async function seedOperator(admin: AdminStore): Promise<void> {
  await admin.transaction((tx) => grantAdmin({ tx, principal: 'host:dev' }, 'auth0|demo'));
}
