import { setTimeout as delay } from 'node:timers/promises';
import { JwksClient, type SigningKey } from 'jwks-rsa';
import { IssuerUnavailable, TokenRejected } from '../ports/index.ts';

/**
 * A key set is asked for again at most so often, whatever `kid`s strangers send. It is also how long a new key may
 * take to be accepted: whoever asks first behind it fetches for all, strangers too.
 */
const COOLDOWN_MS = 30_000;
/** Behind a try that failed: an outage must not last longer here than at the issuer. */
const RETRY_MS = 1_000;
const FRESH_MS = 10 * 60_000;
const TIMEOUT_MS = 5_000;
/** What a token waits at most whose key is known: an issuer that hangs must not hold everybody up. */
const PATIENCE_MS = 500;
const KID_MAX = 128;

export interface KeySet {
  /**
   * Public key of the issuer for a token's `kid`.
   * @throws TokenRejected when the issuer has no such key, IssuerUnavailable when it cannot be asked
   */
  publicKey(kid: unknown): Promise<string>;
  /** Grows whenever the set has changed, so that answers derived from older keys can be dropped. */
  readonly generation: number;
}

interface Options {
  /** As in the `iss` claim, to the slash. */
  readonly issuer: string;
  readonly now?: () => number;
}

/**
 * The issuer's whole key set, cached. Kept while the issuer is down; fetched by one request at a time.
 * jwks-rsa alone caches per `kid` and lets unknown ones through to the issuer.
 */
export function createKeySet({ issuer, now = Date.now }: Options): KeySet {
  let keys = new Map<string, string>();
  let generation = 0;
  let fetchedAt = Number.NEGATIVE_INFINITY;
  let triedAt = Number.NEGATIVE_INFINITY;
  let failed = false;
  let running: Promise<void> | undefined;
  /** Settles with the fetch that is running, or when patience with it has run out. Never fails. */
  let patience: Promise<void> = Promise.resolve();

  async function load(): Promise<void> {
    triedAt = now();
    failed = true;
    const client = new JwksClient({
      jwksUri: await discover(issuer),
      cache: false,
      rateLimit: false,
      timeout: TIMEOUT_MS,
    });
    const next = new Map(
      (await client.getSigningKeys()).map((key: SigningKey) => [key.kid, key.getPublicKey()]),
    );
    if ([...next].some(([kid, key]) => keys.get(kid) !== key) || next.size !== keys.size) generation += 1;
    keys = next;
    fetchedAt = now();
    failed = false;
  }

  function refresh(): Promise<void> {
    if (running) return running;
    running = load().finally(() => {
      running = undefined;
    });
    const waited = delay(PATIENCE_MS, undefined, { ref: false });
    patience = Promise.race([running.catch(() => undefined), waited]);
    return running;
  }

  return {
    get generation() {
      return generation;
    },
    async publicKey(kid) {
      if (typeof kid !== 'string' || kid === '' || kid.length > KID_MAX) {
        throw new TokenRejected('The token names no usable key.');
      }
      const cached = keys.get(kid);
      const age = now() - fetchedAt;
      if (cached && age < FRESH_MS) return cached;
      const cooling = now() - triedAt < (failed ? RETRY_MS : COOLDOWN_MS);
      if (cached && cooling) return cached;
      // What was not there before may be there by now: only an issuer that answered has said that it is not.
      if (cooling && !running && failed) throw unavailable();
      if (cooling && !running) throw new TokenRejected('The issuer has no such key.');
      const fetching = refresh();
      // What goes wrong with it is nothing to a key that is known.
      await (cached ? patience : fetching.catch((error: unknown) => Promise.reject(unavailable(error))));
      const key = keys.get(kid);
      if (!key) throw new TokenRejected('The issuer has no such key.');
      return key;
    },
  };
}

function unavailable(cause?: unknown): IssuerUnavailable {
  return new IssuerUnavailable('The key set of the issuer cannot be fetched.', { cause });
}

async function discover(issuer: string): Promise<string> {
  const response = await fetch(new URL('.well-known/openid-configuration', issuer), {
    signal: AbortSignal.timeout(TIMEOUT_MS),
    redirect: 'error',
  });
  if (!response.ok) throw new Error(`discovery answered ${response.status}`);
  const document: unknown = await response.json();
  if (typeof document !== 'object' || document === null || !('jwks_uri' in document)) {
    throw new Error('discovery names no jwks_uri');
  }
  if (!('issuer' in document) || document.issuer !== issuer)
    throw new Error('discovery names another issuer');
  return String(document.jwks_uri);
}
