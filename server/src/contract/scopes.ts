/** Every permission that a token can carry. The words are what a person reads when asked to approve it. */
export const SCOPES = {
  'account:read': 'See who you are and which account you act for',
  'account:write': 'Join an account with an invitation, and leave one',
  'members:read': 'See who belongs to the account and who is invited',
  'members:write': 'Invite and remove people, and change their roles',
  'tokens:read': 'List personal access tokens',
  'tokens:write': 'Create and revoke personal access tokens',
  'projects:read': 'List and read projects',
  'projects:write': 'Create, rename and delete projects',
  'images:read': 'List, read and download images, and follow their progress',
  'images:write': 'Upload photos, create, retry, cancel and delete images',
  'billing:read': 'See the plan, what is used and what it costs',
  'billing:write': 'Change the plan, pay, and switch pay-as-you-go on and off',
  'admin:read': 'See all accounts of the installation, their usage, jobs and clients, and what was done',
  'admin:write':
    'Suspend, resume and delete accounts, retry and cancel their jobs, and register their machine clients',
} as const;

export type Scope = keyof typeof SCOPES;

// Object.keys loses the literal types of a const object that is never extended.
export const ALL_SCOPES = Object.keys(SCOPES) as Scope[];

/**
 * What a personal access token may hold. It lies in scripts and build servers for months: it must not be able to
 * make more of its kind, to change who belongs to the account, or to act on others.
 */
export const TOKEN_SCOPES = [
  'account:read',
  'members:read',
  'projects:read',
  'projects:write',
  'images:read',
  'images:write',
  'billing:read',
] as const satisfies readonly Scope[];
