import { chooseTokens } from './auth/tokens.ts';
import type { ApiPromise } from './core/apiPromise.ts';
import { type CallOptions, readSettings, type StagerOptions } from './core/options.ts';
import { type AnyInput, type OperationInput, Transport } from './core/transport.ts';
import type { FollowRunOptions } from './events/runStream.ts';
import { EventStream, type EventsOptions } from './events/stream.ts';
import type { OperationName, OperationTypes } from './generated/operations.ts';
import type { AuthConfig, Catalog, Health, Me, ReconcileRun } from './generated/types.ts';
import { Images } from './resources/images.ts';
import { Projects } from './resources/projects.ts';
import { Uploads } from './resources/uploads.ts';
import type { StageEvent, StageOptions, StageSource } from './stage/types.ts';

type InputArgument<N extends OperationName> =
  Record<never, never> extends OperationInput<N> ? [input?: OperationInput<N>] : [input: OperationInput<N>];

/**
 * Client of the stager API.
 * @example
 * const stager = new Stager({ baseUrl: 'https://stager.example', token: process.env.STAGER_TOKEN });
 * for await (const event of stager.stage('./listing-42', { out: './staged' })) {
 *   if (event.type === 'downloaded') console.log(event.path);
 * }
 */
export class Stager {
  /** Address of the API, without a trailing slash. */
  readonly baseUrl: string;
  readonly projects: Projects;
  readonly uploads: Uploads;
  readonly images: Images;
  readonly #transport: Transport;

  /** @throws OptionsError when the address is missing or wrong, or half of the client credentials is */
  constructor(options: StagerOptions = {}) {
    const settings = readSettings(options);
    this.baseUrl = settings.baseUrl;
    // By the same transport, which needs no token for it: what the client is told applies to the way there, too.
    const tokens = chooseTokens(options, { fetch: settings.fetch, config: () => this.authConfig() });
    this.#transport = new Transport(settings, tokens);
    this.projects = new Projects(this.#transport);
    this.uploads = new Uploads(this.#transport);
    this.images = new Images(this.#transport);
  }

  /** Who the token belongs to, its account, role and scopes. */
  me(options?: CallOptions): ApiPromise<Me> {
    return this.#transport.request('getMe', {}, options);
  }

  /** Where and how to log in to this installation. Needs no token. */
  authConfig(options?: CallOptions): ApiPromise<AuthConfig> {
    return this.#transport.request('getAuthConfig', {}, options);
  }

  /** Engines, room types, styles and upload limits. Needs no token. */
  catalog(options?: CallOptions): ApiPromise<Catalog> {
    return this.#transport.request('getCatalog', {}, options);
  }

  /** Whether the API can serve. Needs no token. @throws ServerError `unavailable` when it cannot */
  health(options?: CallOptions): ApiPromise<Health> {
    return this.#transport.request('getReadiness', {}, options);
  }

  /**
   * Follows an account, a project or an image. Reconnects by itself for as long as it takes; ends when the signal
   * fires, `close()` is called or the loop is left.
   * @throws from the iteration: AuthenticationError, PermissionError, NotFoundError; ConnectionError when it could not
   * be opened at all
   */
  events(options: EventsOptions = {}): EventStream {
    return new EventStream(this.#transport, options);
  }

  /** A run of reconciliation whenever it has changed, until it has ended; for operators. */
  async *followRun(
    runId: string,
    options: FollowRunOptions = {},
  ): AsyncGenerator<ReconcileRun, void, undefined> {
    const { followRun } = await import('./events/runStream.ts');
    yield* followRun(this.#transport, runId, options);
  }

  /**
   * Uploads photos and makes images of them: checks, hashes, sends what is not there yet, creates, waits and saves the
   * results, all at the same time. Yields what happens; what is wrong with one file is an event and stops no other.
   * Running it again goes on where it ended: nothing that was finished is sent or made twice.
   * @throws from the iteration what concerns the whole run: OptionsError, AuthenticationError, AbortError …
   * @example
   * for await (const event of stager.stage('./listing-42', { out: './staged' })) {
   *   if (event.type === 'rejected' || event.type === 'failed') console.error(event.file, event.error.message);
   *   if (event.type === 'done') console.log(event.summary);
   * }
   */
  async *stage(
    sources: StageSource | readonly StageSource[],
    options: StageOptions = {},
  ): AsyncGenerator<StageEvent, void, undefined> {
    // Loaded when it is used: it reads files, which not every runtime has.
    const { stage } = await import('./stage/stage.ts');
    yield* stage(this.#transport, this.images, sources, options);
  }

  /**
   * Any operation of the API by its name, also one that has no method here.
   * @example
   * await stager.request('getProject', { params: { projectId } });
   */
  request<N extends Exclude<OperationName, 'streamEvents' | 'followReconcileRun'>>(
    name: N,
    ...rest: [...InputArgument<N>, options?: CallOptions]
  ): ApiPromise<OperationTypes[N]['result']> {
    // The tuple above, as it is for every operation; inside a generic it cannot be told apart.
    const [input, options] = rest as unknown as [AnyInput?, CallOptions?];
    return this.#transport.request(name, input ?? {}, options);
  }
}
