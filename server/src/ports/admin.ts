import type { Credential, Role } from '../contract/index.ts';
import type { BillingTx } from './billing.ts';
import type { DeletionsTx } from './deletions.ts';
import type { AdminJobsTx, StatsTx } from './operators.ts';
import type { ReconcileAdminTx } from './reconcile.ts';
import type { AccountRow, MembershipRow, Page, PageRequest } from './rows.ts';
import type { Tx } from './store.ts';
import type { PaymentsAdminTx, StripeEventsTx } from './stripe.ts';

export interface AdminAccountRow extends AccountRow {
  readonly createdAt: Date;
}

export interface AuditRow {
  readonly id: string;
  readonly accountId: string;
  readonly principal: string;
  readonly role: Role | null;
  readonly credential: Credential | null;
  readonly action: string;
  readonly objectId: string | null;
  readonly detail: string | null;
  readonly requestId: string | null;
  readonly ip: string | null;
  readonly at: Date;
}

export interface AuditFilter {
  readonly account?: string | undefined;
  readonly principal?: string | undefined;
  readonly object?: string | undefined;
  readonly action?: string | undefined;
  readonly since?: Date | undefined;
}

/** A machine client; its principal follows from its id at the issuer. */
export interface ClientRow {
  readonly id: string;
  readonly principal: string;
  readonly name: string | null;
  readonly createdAt: Date;
}

/** What operators do, over all accounts. */
export interface AdminTx
  extends Pick<Tx, 'audit' | 'contacts' | 'idempotency' | 'members' | 'outbox' | 'tokens'> {
  readonly stripeEvents: StripeEventsTx;
  readonly payments: PaymentsAdminTx;
  readonly accounts: {
    list(suspended: boolean | undefined, page: PageRequest): Promise<Page<AdminAccountRow>>;
    get(id: string): Promise<AdminAccountRow | undefined>;
    create(id: string, account: { name: string; plan: string }): Promise<void>;
    findByPrincipal(principal: string): Promise<MembershipRow | undefined>;
    /** False when it was so before, or there is no such account. */
    setSuspended(id: string, suspended: boolean): Promise<boolean>;
    /** Its base plan. */
    setPlan(id: string, plan: string): Promise<void>;
  };
  readonly clients: {
    list(accountId: string, page: PageRequest): Promise<Page<ClientRow>>;
    /** False when the client acts for an account already. */
    add(accountId: string, client: Omit<ClientRow, 'createdAt'>): Promise<boolean>;
  };
  readonly reconcile: ReconcileAdminTx;
  readonly billing: Pick<BillingTx, 'standing'>;
  readonly deletions: DeletionsTx;
  readonly jobs: AdminJobsTx;
  readonly stats: StatsTx;
  readonly log: {
    list(filter: AuditFilter, page: PageRequest): Promise<Page<AuditRow>>;
    /** Where the acts of a principal came from is forgotten; answers with how many had it, by account. */
    eraseOrigins(principal: string): Promise<{ accountId: string; count: number }[]>;
  };
}

export interface AdminStore {
  transaction<T>(run: (tx: AdminTx) => Promise<T>): Promise<T>;
  check(): Promise<void>;
  close(): Promise<void>;
}
