import type { Stager } from '@stager/sdk';
import type { Identity } from './auth/identity.ts';
import type { Session, TokenRequest } from './auth/session.ts';
import { CliError } from './errors.ts';
import type { Io } from './io/io.ts';
import type { Fetch } from './net/fetch.ts';
import { configDir, credentialsFile, type Env } from './settings/paths.ts';
import type { Flags, Resolved } from './settings/resolve.ts';
import { VERSION } from './version.ts';

export interface Context {
  readonly io: Io;
  readonly env: Env;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  /** What was typed behind `stager`. */
  readonly argv: readonly string[];
  readonly configDir: string;
  readonly flags: Flags;
  settings(): Promise<Resolved>;
  fetch(): Promise<Fetch>;
  session(): Promise<Session>;
  identity(): Promise<Identity>;
  /** Client that acts as the present identity. */
  stager(): Promise<Stager>;
  /** Client that acts as the stored login, whatever the environment says. */
  loggedIn(): Promise<Stager>;
  /** Client that acts by this token, which is not kept. */
  withToken(token: string): Promise<Stager>;
  /** Client for what needs no identity. */
  anonymous(): Promise<Stager>;
  /** Settles when nothing is under way that must not be left in the middle. */
  idle(): Promise<void>;
}

interface ContextOptions {
  readonly io: Io;
  readonly env: Env;
  readonly signal: AbortSignal;
  readonly argv: readonly string[];
  readonly flags: Flags;
}

/** Everything a command may need, made when it is first asked for. */
export function createContext(options: ContextOptions): Context {
  const { env } = options;
  const dir = configDir(env);
  const settings = once(async () => {
    const { readSettings } = await import('./settings/store.ts');
    const { resolveSettings } = await import('./settings/resolve.ts');
    return resolveSettings(options.flags, env, await readSettings(dir));
  });
  const fetch = once(async () => {
    const { createFetch } = await import('./net/fetch.ts');
    return createFetch(env);
  });
  let made: Session | undefined;
  const session = once(async () => {
    const { Session } = await import('./auth/session.ts');
    const { profile, apiUrl } = await settings();
    made = new Session({ file: credentialsFile(dir), profile: profile.value, apiUrl: apiUrl.value, fetch });
    return made;
  });
  const identity = once(async () => {
    const { chooseIdentity } = await import('./auth/identity.ts');
    return chooseIdentity(env);
  });
  const client = async (credentials: object): Promise<Stager> => {
    const { Stager } = await import('@stager/sdk');
    return new Stager({
      baseUrl: (await settings()).apiUrl.value,
      fetch: await fetch(),
      userAgent: `stager-cli/${VERSION}`,
      ...credentials,
    });
  };
  return {
    ...options,
    configDir: dir,
    settings,
    fetch,
    session,
    identity,
    stager: once(async () => client(await credentialsOf(await identity(), session))),
    loggedIn: once(async () => client({ token: forSdk(await session()) })),
    withToken: (token) => client({ token }),
    anonymous: once(() => client({ token: NOBODY })),
    idle: async () => made?.idle(),
  };
}

/** Keeps the SDK from looking for a token in the environment where none is to be sent. */
const NOBODY = { getToken: () => Promise.reject(new Error('this call needs no token')) };

async function credentialsOf(identity: Identity, session: () => Promise<Session>): Promise<object> {
  switch (identity.source) {
    case 'STAGER_TOKEN':
      return { token: identity.token };
    case 'STAGER_CLIENT_ID':
      return { clientId: identity.clientId, clientSecret: identity.clientSecret };
    case 'login':
      return { token: forSdk(await session()) };
  }
}

/** The SDK tries again what it knows to be passing; a renewal that failed for the moment is told in its words. */
function forSdk(session: Session) {
  return {
    async getToken(request?: TokenRequest) {
      try {
        return await session.getToken(request);
      } catch (cause) {
        if (!(cause instanceof CliError) || !cause.retryable) throw cause;
        const { ConnectionError } = await import('@stager/sdk');
        throw new ConnectionError(cause.message, { code: cause.code, retryable: true, cause });
      }
    },
  };
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
