import type { Stager } from '../client.ts';
import type { ApiPromise } from '../core/apiPromise.ts';
import type { CallOptions } from '../core/options.ts';
import { type Pages, pagesOf } from '../core/pagination.ts';
import type {
  Account,
  AuditEntry,
  Client,
  ClientInput,
  ListAccountsQuery,
  ListAuditQuery,
  ListClientsQuery,
} from '../generated/types.ts';

/**
 * For whoever runs the installation: all accounts, their machine clients, and what was done. Needs the role `admin`.
 * @example
 * await new Admin(stager).suspend(accountId, 'unpaid since March');
 */
export class Admin {
  readonly #client: Pick<Stager, 'request'>;

  constructor(client: Pick<Stager, 'request'>) {
    this.#client = client;
  }

  /** Newest first. */
  accounts(query: ListAccountsQuery = {}, options?: CallOptions): Pages<Account> {
    return pagesOf(query, (input) => this.#client.request('listAccounts', input, options));
  }

  account(accountId: string, options?: CallOptions): ApiPromise<Account> {
    return this.#client.request('getAccount', { params: { accountId } }, options);
  }

  /** Takes effect within seconds, everywhere. @param reason kept in the audit log: name no person */
  suspend(accountId: string, reason: string, options?: CallOptions): ApiPromise<Account> {
    return this.#client.request('suspendAccount', { params: { accountId }, body: { reason } }, options);
  }

  resume(accountId: string, options?: CallOptions): ApiPromise<Account> {
    return this.#client.request('resumeAccount', { params: { accountId } }, options);
  }

  /** Machine clients of an account, newest first. */
  clients(accountId: string, query: ListClientsQuery = {}, options?: CallOptions): Pages<Client> {
    return pagesOf(query, (input) =>
      this.#client.request('listClients', { params: { accountId }, ...input }, options),
    );
  }

  /** @throws ConflictError `already_member` when it acts for another account */
  addClient(accountId: string, body: ClientInput, options?: CallOptions): ApiPromise<Client> {
    return this.#client.request('registerClient', { params: { accountId }, body }, options);
  }

  /** @param clientId of its membership: `id`, not the id at the issuer */
  removeClient(accountId: string, clientId: string, options?: CallOptions): ApiPromise<undefined> {
    return this.#client.request('removeClient', { params: { accountId, clientId } }, options);
  }

  /** What was done, newest first. */
  audit(query: ListAuditQuery = {}, options?: CallOptions): Pages<AuditEntry> {
    return pagesOf(query, (input) => this.#client.request('listAudit', input, options));
  }
}
