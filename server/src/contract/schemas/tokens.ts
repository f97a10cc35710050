import { z } from 'zod';
import { TOKEN_SCOPES } from '../scopes.ts';
import { pageOf, Timestamp, TokenId } from './common.ts';
import { shownOnce } from './members.ts';

/** Begins every personal access token: secret scanners look for it. */
export const TOKEN_PREFIX = 'stgp_';
export const TOKEN_DAYS_MAX = 365;
export const TOKEN_DAYS_DEFAULT = 90;
/** Live personal access tokens of one member. */
export const TOKENS_MAX = 50;

export const TokenScope = z.enum(TOKEN_SCOPES).meta({ id: 'TokenScope' });

export const TokenInput = z
  .strictObject({
    name: z
      .string()
      .trim()
      .min(1, 'must not be empty')
      .max(80, 'must have at most 80 characters')
      .regex(/^[^\p{Cc}]*$/u, 'must not contain control characters')
      .describe('What it is for'),
    scopes: z
      .array(TokenScope)
      .min(1)
      .max(TOKEN_SCOPES.length)
      .describe('At most what the token that asks holds itself'),
    expiresInDays: z.int().min(1).max(TOKEN_DAYS_MAX).default(TOKEN_DAYS_DEFAULT),
  })
  .meta({ id: 'TokenInput' });
export type TokenInput = z.output<typeof TokenInput>;

export const Token = z
  .strictObject({
    id: TokenId,
    name: z.string(),
    principal: z.string().describe('Whoever made it, and for whom it acts'),
    scopes: z.array(TokenScope),
    state: z.enum(['live', 'expired', 'revoked']),
    createdAt: Timestamp,
    expiresAt: Timestamp,
    lastUsedAt: Timestamp.nullable().describe('To the minute'),
  })
  .meta({ id: 'Token' });
export type Token = z.infer<typeof Token>;

export const CreatedToken = z.strictObject({ token: Token, ...shownOnce }).meta({ id: 'CreatedToken' });
export const TokenPage = pageOf(Token).meta({ id: 'TokenPage' });
export const TokenParams = z.strictObject({ tokenId: TokenId });
