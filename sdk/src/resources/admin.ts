import type { Stager } from '../client.ts';
import type { ApiPromise } from '../core/apiPromise.ts';
import type { CallOptions } from '../core/options.ts';
import { type Pages, pagesOf } from '../core/pagination.ts';
import type {
  Account,
  AccountUsage,
  AuditEntry,
  Client,
  ClientInput,
  DeadLetter,
  Deletion,
  DeletionInput,
  Job,
  JobChange,
  ListAccountDeletionsQuery,
  ListAccountsQuery,
  ListAuditQuery,
  ListClientsQuery,
  ListDeadLettersQuery,
  ListJobsQuery,
  ListStripeEventsQuery,
  PaymentsState,
  ReplayedBatch,
  Stats,
  StripeEventRecord,
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

  /**
   * Suspends an account at once, and has it deleted with all its rows and objects behind the grace.
   * @param body.name of the account, to the letter
   * @throws ConflictError `invalid_state` while a subscription is running, and for accounts of operators
   */
  delete(accountId: string, body: DeletionInput, options?: CallOptions): ApiPromise<Deletion> {
    return this.#client.request('deleteAccount', { params: { accountId }, body }, options);
  }

  /** How far the deletion of an account is; once it is `done`, the proof of it. */
  deletion(accountId: string, options?: CallOptions): ApiPromise<Deletion> {
    return this.#client.request('getAccountDeletion', { params: { accountId } }, options);
  }

  /** Of all accounts, newest first. */
  deletions(query: ListAccountDeletionsQuery = {}, options?: CallOptions): Pages<Deletion> {
    return pagesOf(query, (input) => this.#client.request('listAccountDeletions', input, options));
  }

  /** Cancels a deletion that has not begun. The account stays suspended until it is resumed. */
  keep(accountId: string, options?: CallOptions): ApiPromise<Deletion> {
    return this.#client.request('cancelAccountDeletion', { params: { accountId } }, options);
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

  /** How the installation is. What could not be counted in time is null, and named in `skipped`. */
  stats(options?: CallOptions): ApiPromise<Stats> {
    return this.#client.request('getStats', {}, options);
  }

  /** What an account has used, in images, bytes and cents. */
  usage(accountId: string, options?: CallOptions): ApiPromise<AccountUsage> {
    return this.#client.request('getAccountUsage', { params: { accountId } }, options);
  }

  /** Jobs of all accounts, newest first; of one account, the newest image first. */
  jobs(query: ListJobsQuery = {}, options?: CallOptions): Pages<Job> {
    return pagesOf(query, (input) => this.#client.request('listJobs', input, options));
  }

  job(jobId: string, options?: CallOptions): ApiPromise<Job> {
    return this.#client.request('getJob', { params: { jobId } }, options);
  }

  /**
   * As the owner would: it takes a unit of the account's plan.
   * @throws ConflictError `invalid_state` unless its image ended as error or canceled
   */
  retryJob(jobId: string, options?: CallOptions): ApiPromise<JobChange> {
    return this.#client.request('retryJob', { params: { jobId } }, options);
  }

  /** As the owner would: its unit is given back. @throws ConflictError `invalid_state` when its image has ended */
  cancelJob(jobId: string, options?: CallOptions): ApiPromise<JobChange> {
    return this.#client.request('cancelJob', { params: { jobId } }, options);
  }

  /** Jobs that have ended for good and whose image has failed, the latest first. */
  deadLetters(query: ListDeadLettersQuery = {}, options?: CallOptions): Pages<DeadLetter> {
    return pagesOf(query, (input) => this.#client.request('listDeadLetters', input, options));
  }

  /** Queues dead jobs again, at no cost to their accounts. @param jobIds at most 100; one result for each, in order */
  replay(jobIds: readonly string[], options?: CallOptions): ApiPromise<ReplayedBatch> {
    return this.#client.request('replayDeadLetters', { body: { jobIds: [...jobIds] } }, options);
  }

  /** What was done, newest first. */
  audit(query: ListAuditQuery = {}, options?: CallOptions): Pages<AuditEntry> {
    return pagesOf(query, (input) => this.#client.request('listAudit', input, options));
  }

  /** How payments are: the key, webhooks, reports of images above a limit, the last comparison with Stripe. */
  payments(options?: CallOptions): ApiPromise<PaymentsState> {
    return this.#client.request('getPayments', {}, options);
  }

  /** Events of Stripe in one state (`parked` by default: those that failed too often), newest first. */
  stripeEvents(query: ListStripeEventsQuery = {}, options?: CallOptions): Pages<StripeEventRecord> {
    return pagesOf(query, (input) => this.#client.request('listStripeEvents', input, options));
  }

  /** Has it handled again. @throws ConflictError `invalid_state` when it was handled */
  retryStripeEvent(eventId: string, options?: CallOptions): ApiPromise<StripeEventRecord> {
    return this.#client.request('retryStripeEvent', { params: { eventId } }, options);
  }

  /** Lets it be. @param reason kept in the audit log: name no person */
  ignoreStripeEvent(eventId: string, reason: string, options?: CallOptions): ApiPromise<StripeEventRecord> {
    return this.#client.request('ignoreStripeEvent', { params: { eventId }, body: { reason } }, options);
  }
}
