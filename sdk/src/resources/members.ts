import type { Stager } from '../client.ts';
import type { ApiPromise } from '../core/apiPromise.ts';
import type { CallOptions } from '../core/options.ts';
import { type Pages, pagesOf } from '../core/pagination.ts';
import type {
  CreatedInvitation,
  GivenRole,
  Invitation,
  InvitationInput,
  ListInvitationsQuery,
  ListMembersQuery,
  Member,
  Membership,
} from '../generated/types.ts';

/**
 * Who belongs to the account, and who is invited.
 * @example
 * for await (const { principal, role } of new Members(stager).list()) console.log(principal, role);
 */
export class Members {
  readonly #client: Pick<Stager, 'request'>;

  constructor(client: Pick<Stager, 'request'>) {
    this.#client = client;
  }

  /** Newest first. */
  list(query: ListMembersQuery = {}, options?: CallOptions): Pages<Member> {
    return pagesOf(query, (input) => this.#client.request('listMembers', input, options));
  }

  /** @throws ConflictError `last_owner` when nobody else would own the account */
  setRole(memberId: string, role: GivenRole, options?: CallOptions): ApiPromise<Member> {
    return this.#client.request('updateMember', { params: { memberId }, body: { role } }, options);
  }

  /** @throws ConflictError `last_owner` */
  remove(memberId: string, options?: CallOptions): ApiPromise<undefined> {
    return this.#client.request('removeMember', { params: { memberId } }, options);
  }

  /** Out of the account, by oneself. @throws ConflictError `last_owner` */
  leave(options?: CallOptions): ApiPromise<undefined> {
    return this.#client.request('leaveAccount', {}, options);
  }

  /** Newest first. */
  invitations(query: ListInvitationsQuery = {}, options?: CallOptions): Pages<Invitation> {
    return pagesOf(query, (input) => this.#client.request('listInvitations', input, options));
  }

  /** `secret` is shown this once; null when the first answer was lost: revoke the invitation then. */
  invite(body: InvitationInput = {}, options?: CallOptions): ApiPromise<CreatedInvitation> {
    return this.#client.request('createInvitation', { body }, options);
  }

  /** @throws ConflictError `invalid_state` when it is open no more */
  revokeInvitation(invitationId: string, options?: CallOptions): ApiPromise<undefined> {
    return this.#client.request('revokeInvitation', { params: { invitationId } }, options);
  }

  /** Into the account that an invitation is for. @throws ConflictError `already_member`, `invalid_state` */
  join(secret: string, options?: CallOptions): ApiPromise<Membership> {
    return this.#client.request('acceptInvitation', { body: { secret } }, options);
  }
}
