import type { Stager } from '../client.ts';
import type { ApiPromise } from '../core/apiPromise.ts';
import type { CallOptions } from '../core/options.ts';
import { type Pages, pagesOf } from '../core/pagination.ts';
import type {
  BillingChange,
  BillingStatus,
  CheckoutLink,
  GetBillingUsageQuery,
  Invoice,
  ListInvoicesQuery,
  PaidPlanId,
  Plan,
  PortalSession,
  Usage,
  UsagePage,
} from '../generated/types.ts';

/**
 * The plan of the account, what is left of it, and what it was used for.
 * @example
 * const { plan, used, remaining } = await new Billing(stager).status();
 * if (remaining !== null && remaining < 20) console.warn(`${remaining} images left on ${plan.name}`);
 */
export class Billing {
  readonly #client: Pick<Stager, 'request'>;

  constructor(client: Pick<Stager, 'request'>) {
    this.#client = client;
  }

  /** Plans that an account can have, the smallest first. Prices in hundredths of the currency. Needs no token. */
  async plans(options?: CallOptions): Promise<readonly Plan[]> {
    return (await this.#client.request('getPlans', {}, options)).items;
  }

  /** The plan in force, its period, and the images used, reserved and left. */
  status(options?: CallOptions): ApiPromise<BillingStatus> {
    return this.#client.request('getBilling', {}, options);
  }

  /**
   * Images of a period (the present one by default) by day and project, the newest day first. Each of its `pages()` says
   * when the period began.
   */
  usage(query: GetBillingUsageQuery = {}, options?: CallOptions): Pages<Usage, UsagePage> {
    return pagesOf(query, (input) => this.#client.request('getBillingUsage', input, options));
  }

  /**
   * Whether images above the limit of the plan are made and paid one by one. Without `cap` the one before stays.
   * @throws ConflictError `invalid_state` where the plan in force does not offer it
   */
  setPayAsYouGo(payAsYouGo: BillingChange['payAsYouGo'], options?: CallOptions): ApiPromise<BillingStatus> {
    return this.#client.request('updateBilling', { body: { payAsYouGo } }, options);
  }

  /**
   * Link to the page where a plan is bought, for an owner of the account to open in a browser. Good for half an hour.
   * @throws ServerError `billing_unavailable` where the installation takes no payments, or cannot at the moment
   */
  checkout(plan: PaidPlanId, options?: CallOptions): ApiPromise<CheckoutLink> {
    return this.#client.request('createCheckoutLink', { body: { plan } }, options);
  }

  /**
   * Stripe's page to change cards and to see and pay invoices. Good for minutes; whoever has the address may do that.
   * @throws ConflictError `invalid_state` when the account has never bought a plan
   */
  portal(options?: CallOptions): ApiPromise<PortalSession> {
    return this.#client.request('createPortalSession', {}, options);
  }

  /** Newest first; of an account that has never bought a plan, none. */
  invoices(query: ListInvoicesQuery = {}, options?: CallOptions): Pages<Invoice> {
    return pagesOf(query, (input) => this.#client.request('listInvoices', input, options));
  }
}
