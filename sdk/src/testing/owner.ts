import type { Account, Member } from '../generated/types.ts';

export const FAKE_ACCOUNT = { id: `acc_${'0'.repeat(25)}1`, name: 'Fake', plan: 'dev' } as const;

/** The member that every caller is. */
export const OWNER: Member = {
  id: `mem_${'0'.repeat(26)}`,
  principal: 'auth0|fake',
  kind: 'person',
  role: 'owner',
  email: null,
  name: null,
  createdAt: '2026-01-01T00:00:00.000Z',
};

const createdAt = '2026-01-01T00:00:00.000Z';

/** All accounts there are: that of the caller, and another one. */
export const ACCOUNTS: readonly Account[] = [
  { ...FAKE_ACCOUNT, suspendedAt: null, createdAt },
  { id: `acc_${'0'.repeat(25)}2`, name: 'Another', plan: 'dev', suspendedAt: null, createdAt },
];
