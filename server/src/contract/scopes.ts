/** Every permission that a token can carry. The words are what a person reads when asked to approve it. */
export const SCOPES = {
  'account:read': 'See who you are and which account you act for',
  'projects:read': 'List and read projects',
  'projects:write': 'Create, rename and delete projects',
  'images:read': 'List, read and download images, and follow their progress',
  'images:write': 'Upload photos, create, retry, cancel and delete images',
} as const;

export type Scope = keyof typeof SCOPES;

// Object.keys loses the literal types of a const object that is never extended.
export const ALL_SCOPES = Object.keys(SCOPES) as Scope[];
