import { z } from 'zod';
import { Role } from './account.ts';
import { AccountId, InvitationId, MemberId, pageOf, Timestamp } from './common.ts';

/** Admins are made on the host alone; see the guide on access. */
export const GivenRole = z.enum(['member', 'owner']).meta({ id: 'GivenRole' });
export type GivenRole = z.infer<typeof GivenRole>;

export const Member = z
  .strictObject({
    id: MemberId,
    principal: z.string().describe('Subject of its tokens'),
    kind: z.enum(['person', 'machine']),
    role: Role,
    email: z.string().nullable().describe('As whoever invited wrote it; nobody has verified it'),
    name: z.string().nullable().describe('Of a machine client'),
    createdAt: Timestamp,
  })
  .meta({ id: 'Member' });
export type Member = z.infer<typeof Member>;

export const MemberPage = pageOf(Member).meta({ id: 'MemberPage' });
export const MemberParams = z.strictObject({ memberId: MemberId });
export const MemberChange = z.strictObject({ role: GivenRole }).meta({ id: 'MemberChange' });

export const INVITATION_DAYS_MAX = 30;

export const InvitationInput = z
  .strictObject({
    role: GivenRole.default('member'),
    email: z.email().max(254).optional().describe('A label to know it by; nothing is sent to it'),
    expiresInDays: z.int().min(1).max(INVITATION_DAYS_MAX).default(7),
  })
  .meta({ id: 'InvitationInput' });
export type InvitationInput = z.output<typeof InvitationInput>;

export const Invitation = z
  .strictObject({
    id: InvitationId,
    role: GivenRole,
    email: z.string().nullable(),
    state: z.enum(['open', 'accepted', 'revoked', 'expired']),
    invitedBy: z.string().describe('Principal'),
    createdAt: Timestamp,
    expiresAt: Timestamp,
  })
  .meta({ id: 'Invitation' });
export type Invitation = z.infer<typeof Invitation>;

/** The two properties of an answer that holds a secret; see the idempotency mode `once`. */
export const shownOnce = {
  secret: z.string().nullable().describe('Shown in this answer alone; null in a repeat of it'),
  secretStatus: z
    .enum(['shown', 'shown_before'])
    .describe('`shown_before`: this answers a repeated Idempotency-Key, and the secret is not kept'),
};

export const CreatedInvitation = z
  .strictObject({ invitation: Invitation, ...shownOnce })
  .meta({ id: 'CreatedInvitation' });

export const InvitationPage = pageOf(Invitation).meta({ id: 'InvitationPage' });
export const InvitationParams = z.strictObject({ invitationId: InvitationId });

export const InvitationAcceptance = z
  .strictObject({ secret: z.string().min(1).max(200).describe('What the inviting owner was shown') })
  .meta({ id: 'InvitationAcceptance' });

export const Membership = z
  .strictObject({ account: z.strictObject({ id: AccountId, name: z.string() }), member: Member })
  .meta({ id: 'Membership' });
