import { z } from 'zod';
import { Credential, Role } from './account.ts';
import { AccountId, AuditId, MemberId, PageQuery, pageOf, Timestamp } from './common.ts';

export const Account = z
  .strictObject({
    id: AccountId,
    name: z.string(),
    plan: z.string(),
    suspendedAt: Timestamp.nullable(),
    createdAt: Timestamp,
  })
  .meta({ id: 'Account' });
export type Account = z.infer<typeof Account>;

export const AccountPage = pageOf(Account).meta({ id: 'AccountPage' });
export const AccountParams = z.strictObject({ accountId: AccountId });
export const AccountListQuery = PageQuery.extend({
  state: z.enum(['active', 'suspended']).optional(),
});

export const Suspension = z
  .strictObject({
    reason: z
      .string()
      .trim()
      .min(1, 'must not be empty')
      .max(500, 'must have at most 500 characters')
      .regex(/^[^\p{Cc}]*$/u, 'must not contain control characters')
      .describe('Kept in the audit log, for operators; name no person'),
  })
  .meta({ id: 'Suspension' });

export const ClientInput = z
  .strictObject({
    clientId: z
      .string()
      .regex(/^[A-Za-z0-9._-]{1,128}$/, 'must be the id of a client at the issuer')
      .describe('Id of the client at the issuer'),
    name: z
      .string()
      .trim()
      .min(1, 'must not be empty')
      .max(80, 'must have at most 80 characters')
      .regex(/^[^\p{Cc}]*$/u, 'must not contain control characters'),
  })
  .meta({ id: 'ClientInput' });
export type ClientInput = z.output<typeof ClientInput>;

export const Client = z
  .strictObject({
    id: MemberId,
    clientId: z.string(),
    name: z.string().nullable(),
    accountId: AccountId,
    createdAt: Timestamp,
  })
  .meta({ id: 'Client' });
export type Client = z.infer<typeof Client>;

export const ClientPage = pageOf(Client).meta({ id: 'ClientPage' });
export const ClientParams = AccountParams.extend({ clientId: MemberId });

export const AuditQuery = PageQuery.extend({
  account: AccountId.optional(),
  principal: z.string().min(1).max(255).optional(),
  object: z.string().min(1).max(100).optional().describe('Id of what was acted on'),
  action: z
    .string()
    .regex(/^[a-z_]+\.[a-z_]+$/, 'must be an action such as project.create')
    .optional(),
  since: Timestamp.optional(),
});
export type AuditQuery = z.output<typeof AuditQuery>;

export const AuditEntry = z
  .strictObject({
    id: AuditId,
    accountId: AccountId.describe('Whose object it was'),
    principal: z.string(),
    role: Role.nullable().describe('Of the principal at that time; null where it had none, as on the host'),
    credential: Credential.nullable().describe('Null for what was done on the host'),
    action: z.string(),
    objectId: z.string().nullable(),
    detail: z.string().nullable().describe('For instance the new role, or why an account was suspended'),
    requestId: z.string().nullable(),
    ip: z.string().nullable().describe('Where it came from; erased after 90 days, or when asked for'),
    at: Timestamp,
  })
  .meta({ id: 'AuditEntry' });
export type AuditEntry = z.infer<typeof AuditEntry>;

export const AuditPage = pageOf(AuditEntry).meta({ id: 'AuditPage' });
