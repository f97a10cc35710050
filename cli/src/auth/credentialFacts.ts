import type { Context } from '../context.ts';
import { credentialsFile } from '../settings/paths.ts';
import { isTokenLogin } from './credentials.ts';
import { maskToken } from './maskToken.ts';

/** Which credential is in use; never the secret itself. */
export interface CredentialFacts {
  readonly kind: 'token' | 'machine client' | 'login';
  /** Variable or file. */
  readonly from: string;
  /** As much of it as tells it from others: the last characters of a token, the id of a client. */
  readonly masked: string | null;
  /** End of the token that is at hand, where it is kept beside it. */
  readonly expiresAt: string | null;
  /** Whether another one comes by itself when this one ends. */
  readonly renews: boolean;
}

export async function describeCredential(context: Context): Promise<CredentialFacts> {
  const identity = await context.identity();
  switch (identity.source) {
    case 'STAGER_TOKEN':
      return { ...plain('token', 'STAGER_TOKEN'), masked: maskToken(identity.token) };
    case 'STAGER_CLIENT_ID':
      return { ...plain('machine client', 'STAGER_CLIENT_ID'), masked: identity.clientId, renews: true };
    case 'login':
      return describeStored(context);
  }
}

async function describeStored(context: Context): Promise<CredentialFacts> {
  const from = credentialsFile(context.configDir);
  const login = await (await context.session()).login();
  if (!login) return plain('login', from);
  const expiresAt = login.expiresAt === null ? null : new Date(login.expiresAt).toISOString();
  if (isTokenLogin(login)) return { ...plain('token', from), masked: maskToken(login.token), expiresAt };
  const { accessToken, refreshToken } = login;
  return {
    ...plain('login', from),
    masked: maskToken(accessToken),
    expiresAt,
    renews: refreshToken !== null,
  };
}

const plain = (kind: CredentialFacts['kind'], from: string): CredentialFacts => ({
  kind,
  from,
  masked: null,
  expiresAt: null,
  renews: false,
});
