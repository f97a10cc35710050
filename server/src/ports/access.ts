import type { Credential, GivenRole, Role } from '../contract/index.ts';
import type { Page, PageRequest } from './rows.ts';

export interface MemberRow {
  readonly id: string;
  readonly principal: string;
  readonly role: Role;
  /** Of a machine client. */
  readonly name: string | null;
  readonly email: string | null;
  readonly createdAt: Date;
}

export interface NewMember {
  readonly id: string;
  readonly principal: string;
  readonly role: Role;
  readonly name?: string | null;
}

export interface InvitationRow {
  readonly id: string;
  readonly accountId: string;
  readonly role: GivenRole;
  readonly email: string | null;
  readonly invitedBy: string;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  /** Principal. */
  readonly acceptedBy: string | null;
  readonly revokedAt: Date | null;
}

export interface NewInvitation {
  readonly id: string;
  readonly secretHash: string;
  readonly role: GivenRole;
  readonly invitedBy: string;
  readonly expiresAt: Date;
}

export interface TokenRow {
  readonly id: string;
  readonly name: string;
  readonly principal: string;
  readonly scopes: readonly string[];
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly lastUsedAt: Date | null;
  readonly revokedAt: Date | null;
}

export interface NewToken {
  readonly id: string;
  readonly name: string;
  readonly principal: string;
  readonly scopes: readonly string[];
  readonly secretHash: string;
  readonly expiresAt: Date;
}

/** A personal access token that was not revoked and whose maker is still a member. */
export interface UsableToken extends TokenRow {
  readonly accountId: string;
}

/** One line of the audit log, for one object. */
export interface NewAudit {
  readonly principal: string;
  /** Null where the principal had none, as on the host. */
  readonly role: Role | null;
  readonly credential: Credential | null;
  readonly action: string;
  readonly objectId: string | null;
  /** Names no person: what is written here stays. */
  readonly detail: string | null;
  readonly requestId: string | null;
  /** Where the act came from; kept apart, so that it can be erased. */
  readonly ip?: string | null | undefined;
}

export interface MembersTx {
  /** False when the principal belongs to an account already. */
  add(owner: string, member: NewMember): Promise<boolean>;
  list(owner: string, page: PageRequest): Promise<Page<MemberRow>>;
  get(owner: string, id: string): Promise<MemberRow | undefined>;
  getByPrincipal(owner: string, principal: string): Promise<MemberRow | undefined>;
  setRole(owner: string, id: string, role: Role): Promise<void>;
  remove(owner: string, id: string): Promise<void>;
  /** Whether somebody but this member owns the account. */
  hasOtherOwner(owner: string, id: string): Promise<boolean>;
  hasOthers(owner: string, id: string): Promise<boolean>;
}

export interface InvitationsTx {
  create(owner: string, invitation: NewInvitation): Promise<void>;
  list(owner: string, page: PageRequest): Promise<Page<InvitationRow>>;
  get(owner: string, id: string): Promise<InvitationRow | undefined>;
  /** Open ones, counted up to `limit`. */
  countOpen(owner: string, limit: number): Promise<number>;
  /** False when it was not open. */
  revoke(owner: string, id: string): Promise<boolean>;
  /** Open ones that a principal has made; answers with their ids. */
  revokeAllBy(owner: string, principal: string): Promise<string[]>;
  /** False when it was not open. */
  accept(owner: string, id: string, principal: string): Promise<boolean>;
  /** Of whatever account: whoever knows the secret is let in. */
  findBySecret(secretHash: string): Promise<InvitationRow | undefined>;
}

/** Addresses of people, apart from what must be kept, so that they can be erased. */
export interface ContactsTx {
  set(owner: string, subjectId: string, email: string): Promise<void>;
  /** From an invitation to the member that it became, for instance. */
  move(owner: string, fromId: string, toId: string): Promise<void>;
  erase(owner: string, subjectId: string): Promise<void>;
}

export interface TokensTx {
  create(owner: string, token: NewToken): Promise<void>;
  /** Those of one principal, or of all with null. */
  list(owner: string, principal: string | null, page: PageRequest): Promise<Page<TokenRow>>;
  get(owner: string, id: string): Promise<TokenRow | undefined>;
  /** Live ones of a principal, counted up to `limit`. */
  countLive(owner: string, principal: string, limit: number): Promise<number>;
  /** Answers with the ids of those that were not revoked before. */
  revoke(owner: string, ids: readonly string[]): Promise<string[]>;
  revokeAllOf(owner: string, principal: string): Promise<string[]>;
  touch(owner: string, id: string, at: Date): Promise<void>;
  /** Of whatever account: whoever knows the secret is let in. */
  findBySecret(secretHash: string): Promise<UsableToken | undefined>;
}
