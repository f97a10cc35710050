import type { DeviceCode, default as Provider } from 'oidc-provider';
import { type GrantedScopes, grantedScopes, parseScope } from './grants.ts';
import type { FormGuard } from './guard.ts';
import type { IssuerKeys } from './keys.ts';
import { type IssuerOptions, type IssuerUser, OIDC_SCOPES, subjectOf } from './options.ts';

/** What the issuer's own routes work with. */
export interface IssuerContext {
  readonly provider: Provider;
  readonly options: IssuerOptions;
  readonly keys: IssuerKeys;
  readonly forms: FormGuard;
}

/** Writes down what a person has approved for a client. */
export async function saveGrant(
  { provider, options }: IssuerContext,
  clientId: string,
  user: IssuerUser,
  scope: unknown,
): Promise<{ readonly grantId: string; readonly scopes: GrantedScopes }> {
  const scopes = grantedScopes(parseScope(scope), user.scopes, options.scopes);
  const grant = new provider.Grant({ clientId, accountId: subjectOf(user) });
  if (scopes.oidc.length > 0) grant.addOIDCScope(scopes.oidc.join(' '));
  if (scopes.api.length > 0) grant.addResourceScope(options.audience, scopes.api.join(' '));
  // Said to be refused, or the provider would ask for them again and again.
  if (scopes.refused.length > 0) grant.rejectResourceScope(options.audience, scopes.refused.join(' '));
  return { grantId: await grant.save(), scopes };
}

/** Completes a pending device code: the next poll of its client gets the tokens. */
export async function approveDevice(
  context: IssuerContext,
  code: DeviceCode,
  clientId: string,
  user: IssuerUser,
): Promise<void> {
  const { grantId, scopes } = await saveGrant(context, clientId, user, code.params?.['scope']);
  Object.assign(code, {
    accountId: subjectOf(user),
    authTime: Math.floor(Date.now() / 1000),
    grantId,
    scope: [...scopes.oidc, ...scopes.api].join(' '),
    resource: context.options.audience,
  });
  await code.save();
  context.options.log(`issuer: ${user.id} approved ${clientId}`);
}

/** Ends a pending device code: the next poll of its client gets `access_denied` (RFC 8628 section 3.5). */
export async function denyDevice(context: IssuerContext, code: DeviceCode, clientId: string): Promise<void> {
  Object.assign(code, { error: 'access_denied', errorDescription: 'The request was denied' });
  await code.save();
  context.options.log(`issuer: a request of ${clientId} was denied`);
}

/** The API scopes of a request, each with what it allows, for the approval page. */
export function describeScopes(options: IssuerOptions, scope: unknown): { name: string; text: string }[] {
  return parseScope(scope)
    .filter((name) => options.scopes.includes(name) && !OIDC_SCOPES.includes(name))
    .map((name) => ({ name, text: options.scopeTexts?.[name] ?? '' }));
}

export function findUser(options: IssuerOptions, id: string | null): IssuerUser | undefined {
  return options.users.find((user) => user.id === id);
}

export function clientName(options: IssuerOptions, clientId: string | undefined): string {
  return options.clients.find((client) => client.id === clientId)?.name ?? clientId ?? 'this application';
}
