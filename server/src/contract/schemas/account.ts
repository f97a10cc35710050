import { z } from 'zod';
import { AccountId } from './common.ts';

export const Role = z.enum(['owner', 'member', 'admin']).meta({ id: 'Role' });
export type Role = z.infer<typeof Role>;

export const Me = z
  .strictObject({
    principal: z.string().describe('Subject of the token'),
    account: z.strictObject({ id: AccountId, name: z.string(), plan: z.string() }),
    role: Role,
    scopes: z.array(z.string()),
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
