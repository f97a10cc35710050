import { TOKEN_PREFIX, TOKEN_SCOPES } from '../../contract/index.ts';
import { type Store, TokenRejected, type UsableToken, type VerifiedToken } from '../../ports/index.ts';
import { remember } from './boundedMap.ts';
import { isWellFormed, secretHash } from './secrets.ts';

/** How long what is known of a token may be out of date: a revocation takes effect within it. */
const TOKEN_TTL_MS = 5_000;
const CACHE_MAX = 10_000;
/** The time of last use is kept to the minute. */
const USE_STEP_MS = 60_000;

export interface PersonalTokens {
  /** @throws TokenRejected, StoreUnavailable */
  verify(presented: string): Promise<VerifiedToken>;
  /** Whether one that was verified before still is good. */
  mayStill(token: VerifiedToken): Promise<boolean>;
  /** Settles when nothing is being written any more. */
  idle(): Promise<void>;
}

interface Options {
  readonly store: Store;
  readonly now: () => number;
  /** How long what is known of a token may be out of date, in milliseconds: for tests that cannot wait. */
  readonly ttlMs?: number;
  /** Told of a time of use that could not be written: no reason to refuse the request. */
  readonly onTrouble?: (error: unknown) => void;
}

/** Personal access tokens, looked up by their hash and remembered for seconds. */
export function createPersonalTokens({
  store,
  now,
  ttlMs = TOKEN_TTL_MS,
  onTrouble = () => undefined,
}: Options): PersonalTokens {
  const cache = new Map<string, { at: number; found: Promise<UsableToken | undefined> }>();
  const touched = new Map<string, number>();
  const writing = new Set<Promise<void>>();

  function find(hashed: string): Promise<UsableToken | undefined> {
    const held = cache.get(hashed);
    if (held && now() - held.at < ttlMs) return held.found;
    const found = store.read.tokens.findBySecret(hashed);
    remember(cache, CACHE_MAX, hashed, { at: now(), found });
    found.catch(() => cache.delete(hashed));
    return found;
  }

  /** Beside the request, which does not wait for it. */
  function noteUse({ id, accountId, lastUsedAt }: UsableToken): void {
    const last = Math.max(touched.get(id) ?? 0, lastUsedAt?.getTime() ?? 0);
    if (now() - last < USE_STEP_MS) return;
    remember(touched, CACHE_MAX, id, now());
    const write: Promise<void> = store.read.tokens
      .touch(accountId, id, new Date(now()))
      .catch(onTrouble)
      .finally(() => writing.delete(write));
    writing.add(write);
  }

  return {
    async verify(presented) {
      if (!isWellFormed(TOKEN_PREFIX, presented)) {
        throw new TokenRejected('The personal access token is not whole; it was mistyped or cut.');
      }
      const token = await find(secretHash(presented));
      if (!token) throw new TokenRejected('The personal access token is unknown or was revoked.');
      if (token.expiresAt.getTime() <= now())
        throw new TokenRejected('The personal access token has expired.');
      noteUse(token);
      return {
        subject: token.principal,
        scopes: TOKEN_SCOPES.filter((scope) => token.scopes.includes(scope)),
        credential: { kind: 'token', id: token.id },
        accountId: token.accountId,
        expiresAt: token.expiresAt,
      };
    },

    async mayStill({ accountId, credential }) {
      if (credential.kind !== 'token' || accountId === null || credential.id === null) return true;
      const token = await store.read.tokens.get(accountId, credential.id);
      return token?.revokedAt === null;
    },

    async idle() {
      await Promise.all(writing);
    },
  };
}
