import { z } from 'zod';
import { AccountId } from './common.ts';

/** Each may do what those before it may: `admin` operates the installation, over all accounts. */
export const ROLES = ['member', 'owner', 'admin'] as const;
export const Role = z.enum(ROLES).meta({ id: 'Role' });
export type Role = z.infer<typeof Role>;

export function hasRole(held: Role, needed: Role): boolean {
  return ROLES.indexOf(held) >= ROLES.indexOf(needed);
}

/** `login`: a person's session at the issuer. `machine`: client credentials. `token`: a personal access token. */
export const CredentialKind = z.enum(['login', 'machine', 'token']).meta({ id: 'CredentialKind' });
export type CredentialKind = z.infer<typeof CredentialKind>;

export const Credential = z
  .strictObject({
    kind: CredentialKind,
    id: z.string().nullable().describe('Id of the token, or of the client at the issuer'),
  })
  .meta({ id: 'Credential' });
export type Credential = z.infer<typeof Credential>;

export const Me = z
  .strictObject({
    principal: z.string().describe('Subject of the token'),
    account: z.strictObject({
      id: AccountId,
      name: z.string(),
      plan: z.string().describe('The plan in force'),
    }),
    role: Role,
    scopes: z.array(z.string()),
    credential: Credential,
    expiresAt: z.iso.datetime().nullable().describe('End of the token presented'),
  })
  .meta({ id: 'Me' });

export const AuthConfig = z
  .strictObject({
    issuer: z.string(),
    audience: z.string(),
    cliClientId: z.string().describe('Public client for the device code flow (RFC 8628)'),
    scopes: z.array(z.string()),
  })
  .meta({ id: 'AuthConfig' });

export const Health = z
  .strictObject({
    status: z.enum(['ok', 'failing']),
    checks: z.record(z.string(), z.enum(['ok', 'failing'])).optional(),
    adapters: z
      .record(z.string(), z.string())
      .optional()
      .describe('What stands behind each part: `objects` on `disk` or `s3`, for instance'),
  })
  .meta({ id: 'Health' });
