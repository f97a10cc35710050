import type { Stager } from '../client.ts';
import type { ApiPromise } from '../core/apiPromise.ts';
import type { CallOptions } from '../core/options.ts';
import { type Pages, pagesOf } from '../core/pagination.ts';
import type { FollowRunOptions } from '../events/runStream.ts';
import type {
  ListReconcileFindingsQuery,
  ListReconcileRunsQuery,
  ReconcileFinding,
  ReconcileInput,
  ReconcileRun,
} from '../generated/types.ts';

/**
 * Drift between rows, objects, jobs, ledger and subscriptions, and its repair. Needs the role `admin`.
 * @example
 * const reconcile = new Reconcile(stager);
 * const { id } = await reconcile.start();
 * for await (const run of reconcile.follow(id)) console.log(run.state, run.counts);
 */
export class Reconcile {
  readonly #client: Pick<Stager, 'request' | 'followRun'>;

  constructor(client: Pick<Stager, 'request' | 'followRun'>) {
    this.#client = client;
  }

  /** A dry run. @throws ConflictError `invalid_state` when one is under way that looks at the same */
  start(body: ReconcileInput = {}, options?: CallOptions): ApiPromise<ReconcileRun> {
    return this.#client.request('startReconcile', { body }, options);
  }

  /** Newest first. */
  runs(query: ListReconcileRunsQuery = {}, options?: CallOptions): Pages<ReconcileRun> {
    return pagesOf(query, (input) => this.#client.request('listReconcileRuns', input, options));
  }

  run(runId: string, options?: CallOptions): ApiPromise<ReconcileRun> {
    return this.#client.request('getReconcileRun', { params: { runId } }, options);
  }

  /** The run whenever it has changed, until it has ended. */
  follow(runId: string, options?: FollowRunOptions): AsyncGenerator<ReconcileRun, void, undefined> {
    return this.#client.followRun(runId, options);
  }

  /** In the order in which they were found. */
  findings(
    runId: string,
    query: ListReconcileFindingsQuery = {},
    options?: CallOptions,
  ): Pages<ReconcileFinding> {
    return pagesOf(query, (input) =>
      this.#client.request('listReconcileFindings', { params: { runId }, ...input }, options),
    );
  }

  /**
   * Repairs what the run has found, as far as it is still so.
   * @param override whether to do so although the run was stopped, or changes more than is usual
   * @throws ConflictError `invalid_state` with the reason
   */
  apply(runId: string, override = false, options?: CallOptions): ApiPromise<ReconcileRun> {
    const body = override ? { override: runId } : {};
    return this.#client.request('applyReconcile', { params: { runId }, body }, options);
  }

  /** Puts back what the run has put aside. */
  undo(runId: string, options?: CallOptions): ApiPromise<ReconcileRun> {
    return this.#client.request('undoReconcile', { params: { runId } }, options);
  }

  cancel(runId: string, options?: CallOptions): ApiPromise<ReconcileRun> {
    return this.#client.request('cancelReconcile', { params: { runId } }, options);
  }
}
