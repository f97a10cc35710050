import { defineRoute } from '../route.ts';
import { AuthConfig, Health, Me } from '../schemas/account.ts';

export const getMe = defineRoute({
  name: 'getMe',
  method: 'GET',
  path: '/v1/me',
  tag: 'Account',
  summary: 'Who the token belongs to, its account, role and scopes',
  scope: 'account:read',
  role: 'member',
  rate: 'read',
  success: { status: 200, schema: Me, description: 'The caller' },
  errors: [],
});

export const getAuthConfig = defineRoute({
  name: 'getAuthConfig',
  method: 'GET',
  path: '/v1/auth/config',
  tag: 'Account',
  summary: 'Where and how to log in to this installation',
  scope: null,
  role: null,
  rate: 'public',
  success: {
    status: 200,
    schema: AuthConfig,
    description: 'Issuer, audience and client of the device code flow',
  },
  errors: [],
});

export const getLiveness = defineRoute({
  name: 'getLiveness',
  method: 'GET',
  path: '/livez',
  tag: 'Health',
  summary: 'Whether the process runs; looks at nothing else',
  scope: null,
  role: null,
  rate: 'none',
  success: { status: 200, schema: Health, description: 'It runs' },
  errors: [],
});

export const getReadiness = defineRoute({
  name: 'getReadiness',
  method: 'GET',
  path: '/readyz',
  tag: 'Health',
  summary: 'Whether the process can serve: database, store, not draining',
  scope: null,
  role: null,
  rate: 'none',
  success: { status: 200, schema: Health, description: 'Ready' },
  errors: ['unavailable'],
});
