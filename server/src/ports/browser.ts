import type { PlanId } from '../contract/index.ts';

/** A login in a browser. The cookie's value is stored as a hash only. */
export interface BrowserSessionRow {
  readonly id: string;
  readonly accountId: string;
  readonly principal: string;
  /** That the issuer has granted. */
  readonly scopes: readonly string[];
  /** Tokens of the issuer, encrypted. */
  readonly sealed: string;
  readonly createdAt: Date;
  readonly usedAt: Date;
  /** Until then the issuer's word holds; before, it is asked again. */
  readonly confirmedUntil: Date;
  /** However much it is used. */
  readonly endsAt: Date;
}

export interface NewBrowserSession
  extends Pick<BrowserSessionRow, 'id' | 'principal' | 'scopes' | 'sealed' | 'confirmedUntil' | 'endsAt'> {
  readonly secretHash: string;
}

export interface BrowserSessionsTx {
  create(owner: string, session: NewBrowserSession): Promise<void>;
  /** Of whatever account: whoever knows the secret is let in. */
  findBySecret(secretHash: string): Promise<BrowserSessionRow | undefined>;
  /** At most once a minute. */
  touch(owner: string, id: string, at: Date): Promise<void>;
  /**
   * For one request to ask the issuer, since a refresh token works once. False while another one is at it, and when the
   * issuer's word has changed since `seen`.
   */
  claimRenewal(owner: string, id: string, seen: Date, at: Date, until: Date): Promise<boolean>;
  /** Other tokens of the issuer, whose word is as it was. */
  reseal(owner: string, id: string, sealed: string): Promise<void>;
  renew(
    owner: string,
    id: string,
    renewed: Pick<BrowserSessionRow, 'scopes' | 'sealed' | 'confirmedUntil'>,
  ): Promise<void>;
  remove(owner: string, id: string): Promise<void>;
}

/** What a link to the checkout page is about. */
export interface TicketRow {
  readonly id: string;
  readonly plan: PlanId;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly usedAt: Date | null;
  /** Principal. */
  readonly usedBy: string | null;
}

export interface TicketsTx {
  create(
    owner: string,
    ticket: Pick<TicketRow, 'id' | 'plan' | 'expiresAt'> & { readonly createdBy: string },
  ): Promise<void>;
  get(owner: string, id: string): Promise<TicketRow | undefined>;
  /** False when it was used before, or has expired. */
  use(owner: string, id: string, principal: string, at: Date): Promise<boolean>;
}
