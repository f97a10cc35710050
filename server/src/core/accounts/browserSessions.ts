import { z } from 'zod';
import {
  type BrowserSessionRow,
  type Clock,
  IssuerUnavailable,
  type LoggedIn,
  LoginRefused,
  type NewAudit,
  type Store,
  TokenRejected,
  type VerifiedToken,
  type WebLogin,
} from '../../ports/index.ts';
import { DomainError } from '../errors.ts';
import { newId } from '../ids.ts';
import type { Keyring } from './keyring.ts';
import type { CallerResolver, ResolvedCaller } from './resolveCaller.ts';
import { isWellFormed, newSecret, secretHash } from './secrets.ts';
import { SESSION_TIMES, type SessionTimes, sessionState } from './sessionPolicy.ts';

const PREFIX = 'stgs_';
/** Longer than a request to the issuer can take; after one that failed, the next is so far away. Milliseconds. */
const RENEWAL_MS = 20_000;
/** What a request waits for another one that is at the issuer. */
const PATIENCE_MS = 5_000;
const LOOK_MS = 100;

/** Who is in front of a page. */
export interface BrowserSession {
  readonly id: string;
  /** Value of the cookie. */
  readonly secret: string;
  /** Names the session to what is bound to it, and opens nothing. */
  readonly binding: string;
  readonly caller: ResolvedCaller;
  /** Address or name of the person, to show. */
  readonly name: string;
  readonly scopes: readonly string[];
  readonly endsAt: Date;
}

/** The request that begins or ends a session, for the audit log. */
export interface Origin {
  readonly requestId: string;
  readonly ip: string;
}

export interface BrowserSessions {
  /** @throws LoginRefused, IssuerUnavailable, DomainError `no_account` `account_suspended` */
  open(login: LoggedIn, origin: Origin): Promise<string>;
  /**
   * Undefined for whatever is not the secret of a session that is good now.
   * @throws IssuerUnavailable when the issuer has to be asked and cannot, DomainError `account_suspended`
   */
  find(secret: string): Promise<BrowserSession | undefined>;
  /**
   * Asks nobody: neither the issuer nor whether its person still is a member.
   * @returns the ID token, by which the issuer knows which session of its own to end
   */
  end(secret: string, origin: Origin): Promise<string | undefined>;
  /** `BrowserSession.binding` of a session that has this secret, if there is one. */
  bindingOf(secret: string): string;
}

interface Options {
  readonly store: Store;
  readonly callers: CallerResolver;
  readonly keyring: Keyring;
  readonly login: WebLogin;
  /** Of access tokens. @throws TokenRejected, IssuerUnavailable */
  readonly verifyToken: (token: string) => Promise<VerifiedToken>;
  readonly clock: Clock;
  readonly times?: SessionTimes;
}

const Sealed = z.object({ idToken: z.string(), refreshToken: z.string().nullable(), name: z.string() });
type Sealed = z.infer<typeof Sealed>;

/** Sessions of browsers. What the issuer has given stays here; the browser has a random value and nothing else. */
export function createBrowserSessions(options: Options): BrowserSessions {
  const { store, callers, keyring, login, clock, times = SESSION_TIMES } = options;
  const { browserSessions: rows } = store.read;

  /** What the login is worth here, until when. The access token is looked at and not kept. */
  async function judge(given: LoggedIn): Promise<Pick<BrowserSessionRow, 'scopes' | 'confirmedUntil'>> {
    const token = await options.verifyToken(given.accessToken).catch((error: unknown) => {
      throw error instanceof TokenRejected ? new LoginRefused('invalid_token', { cause: error }) : error;
    });
    if (token.subject !== given.subject) throw new LoginRefused('another_subject');
    const longest = clock.now().getTime() + times.confirmed;
    return {
      scopes: token.scopes,
      confirmedUntil: new Date(Math.min(token.expiresAt.getTime(), longest)),
    };
  }

  /** With the cookie in the key: neither the database nor the secrets of this process open it, nor both together. */
  function seal(secret: string, { idToken, refreshToken, name }: LoggedIn, known = ''): string {
    const sealed: Sealed = { idToken, refreshToken, name: name ?? known };
    return keyring.seal('session', JSON.stringify(sealed), secret);
  }

  function unseal(secret: string, row: BrowserSessionRow): Sealed | undefined {
    const text = keyring.open('session', row.sealed, secret);
    return text === undefined ? undefined : Sealed.safeParse(JSON.parse(text)).data;
  }

  async function lookUp(secret: string): Promise<BrowserSessionRow | undefined> {
    return isWellFormed(PREFIX, secret) ? rows.findBySecret(secretHash(secret)) : undefined;
  }

  function stateOf(row: BrowserSessionRow) {
    return sessionState(row, times, clock.now().getTime());
  }

  /** The row with the issuer's word renewed, or as it is while that can wait; undefined when the issuer says no. */
  async function renewed(secret: string, row: BrowserSessionRow): Promise<BrowserSessionRow | undefined> {
    const refreshToken = unseal(secret, row)?.refreshToken ?? null;
    if (refreshToken === null) return stateOf(row) === 'renew' ? row : undefined;
    const now = clock.now();
    const until = new Date(now.getTime() + RENEWAL_MS);
    if (await rows.claimRenewal(row.accountId, row.id, row.confirmedUntil, now, until)) {
      return renew(secret, row);
    }
    return stateOf(row) === 'renew' ? row : awaitOther(secret);
  }

  async function renew(secret: string, row: BrowserSessionRow): Promise<BrowserSessionRow | undefined> {
    const { refreshToken, idToken, name } = unseal(secret, row) ?? {};
    if (!refreshToken || !idToken) return undefined;
    try {
      const given = await login.renew(refreshToken, row.principal, idToken);
      const sealed = seal(secret, given, name);
      // Kept before anything can fail: the refresh token of before is spent.
      await rows.reseal(row.accountId, row.id, sealed);
      const fresh = { ...(await judge(given)), sealed };
      await rows.renew(row.accountId, row.id, fresh);
      return { ...row, ...fresh };
    } catch (error) {
      if (error instanceof IssuerUnavailable && stateOf(row) === 'renew') return row;
      if (error instanceof LoginRefused) return undefined;
      throw error;
    }
  }

  /** Another request of the same browser is at the issuer. */
  async function awaitOther(secret: string): Promise<BrowserSessionRow | undefined> {
    const until = performance.now() + PATIENCE_MS;
    while (performance.now() < until) {
      await new Promise((done) => setTimeout(done, LOOK_MS));
      const row = await lookUp(secret);
      if (!row || stateOf(row) !== 'unconfirmed') return row;
    }
    throw new IssuerUnavailable('The login is being confirmed.');
  }

  /** Undefined when the person is not, or not any more, in the account that the session is for. */
  async function memberOf(row: BrowserSessionRow): Promise<ResolvedCaller | undefined> {
    try {
      const caller = await callers.resolve(row.principal, { signUp: false });
      return caller.accountId === row.accountId ? caller : undefined;
    } catch (error) {
      if (error instanceof DomainError && error.code === 'no_account') return undefined;
      throw error;
    }
  }

  return {
    async open(given, origin) {
      const worth = await judge(given);
      const { accountId, principal, role } = await callers.resolve(given.subject, { signUp: true });
      const secret = newSecret(PREFIX);
      const session = {
        ...worth,
        id: newId('ses'),
        secretHash: secretHash(secret),
        principal,
        sealed: seal(secret, given, given.subject),
        endsAt: new Date(clock.now().getTime() + times.absolute),
      };
      await store.account(accountId).transaction(async (tx) => {
        await tx.browserSessions.create(accountId, session);
        await tx.audit.add(accountId, [entryOf('session.begin', { ...session, role }, origin)]);
      });
      return secret;
    },

    async find(secret) {
      const found = await lookUp(secret);
      if (!found) return undefined;
      const state = stateOf(found);
      const row = state === 'live' ? found : state === 'ended' ? undefined : await renewed(secret, found);
      const opened = row && unseal(secret, row);
      const caller = row && (await memberOf(row));
      if (!row || !opened || !caller) {
        await rows.remove(found.accountId, found.id);
        return undefined;
      }
      await rows.touch(row.accountId, row.id, clock.now());
      const { id, scopes, endsAt } = row;
      return { id, secret, binding: bindingOf(secret), caller, name: opened.name, scopes, endsAt };
    },

    async end(secret, origin) {
      const row = await lookUp(secret);
      if (!row) return undefined;
      const { accountId, id, principal } = row;
      await store.account(accountId).transaction(async (tx) => {
        const role = (await tx.members.getByPrincipal(accountId, principal))?.role ?? null;
        await tx.browserSessions.remove(accountId, id);
        await tx.audit.add(accountId, [entryOf('session.end', { id, principal, role }, origin)]);
      });
      return unseal(secret, row)?.idToken;
    },

    bindingOf,
  };
}

function entryOf(
  action: 'session.begin' | 'session.end',
  { id, principal, role }: Pick<NewAudit, 'principal' | 'role'> & { readonly id: string },
  { requestId, ip }: Origin,
): NewAudit {
  const credential = { kind: 'login', id } as const;
  return { principal, role, credential, action, objectId: id, detail: null, requestId, ip };
}

function bindingOf(secret: string): string {
  return secretHash(secret);
}
