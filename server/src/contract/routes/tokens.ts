import { defineRoute } from '../route.ts';
import { PageQuery } from '../schemas/common.ts';
import { CreatedToken, TokenInput, TokenPage, TokenParams } from '../schemas/tokens.ts';

export const listTokens = defineRoute({
  name: 'listTokens',
  method: 'GET',
  path: '/v1/tokens',
  tag: 'Tokens',
  summary: 'List personal access tokens, newest first',
  description: 'Members see their own, owners those of the whole account. Secrets are never shown again.',
  scope: 'tokens:read',
  role: 'member',
  rate: 'read',
  query: PageQuery,
  success: { status: 200, schema: TokenPage, description: 'A page of tokens' },
  errors: ['cursor_invalid'],
});

export const createToken = defineRoute({
  name: 'createToken',
  method: 'POST',
  path: '/v1/tokens',
  tag: 'Tokens',
  summary: 'Create a personal access token',
  description:
    'The answer holds the token, once. It acts for whoever made it, ends with their membership, and can be given no ' +
    'scope that the token which asks does not hold.',
  scope: 'tokens:write',
  role: 'member',
  rate: 'write',
  body: TokenInput,
  success: { status: 201, schema: CreatedToken, description: 'The token and its secret' },
  errors: ['limit_reached'],
  idempotent: 'once',
});

export const revokeToken = defineRoute({
  name: 'revokeToken',
  method: 'DELETE',
  path: '/v1/tokens/:tokenId',
  tag: 'Tokens',
  summary: 'Revoke a personal access token',
  description: 'Takes effect within five seconds. Members revoke their own, owners any of the account.',
  scope: 'tokens:write',
  role: 'member',
  rate: 'write',
  params: TokenParams,
  success: { status: 204, schema: null, description: 'Revoked' },
  errors: ['not_found'],
});
