import { type CredentialFacts, describeCredential } from '../auth/credentialFacts.ts';
import type { Context } from '../context.ts';
import { clean } from '../io/clean.ts';
import { renderFacts } from '../io/facts.ts';
import type { Rendered } from '../io/io.ts';
import { formatUntil } from '../io/text.ts';

export async function whoAmI(context: Context): Promise<Rendered> {
  const client = await context.stager();
  const me = await client.me();
  // Afterwards: asking may have renewed it.
  const [credential, settings] = await Promise.all([describeCredential(context), context.settings()]);
  return {
    json: () => ({
      ...me,
      apiUrl: settings.apiUrl.value,
      profile: settings.profile.value,
      credentials: credential,
    }),
    text: (view) => {
      const { style } = view;
      const { id, name, plan } = me.account;
      const rows: [string, string][] = [
        ['Principal', style.bold(clean(me.principal))],
        ['Account', `${clean(name)} ${style.dim(`${id}, plan ${clean(plan)}, ${me.role}`)}`],
        ['API', `${clean(settings.apiUrl.value)} ${style.dim(`profile ${clean(settings.profile.value)}`)}`],
        [
          'Credentials',
          `${clean(nameOf(credential))} ${style.dim(clean(detailsOf(credential, me.expiresAt)))}`,
        ],
        ['Scopes', clean(me.scopes.join(' '))],
      ];
      return renderFacts(rows, 13, view);
    },
  };
}

export function nameOf({ kind, from }: CredentialFacts): string {
  return kind === 'login' ? `login in ${from}` : `${kind} of ${from}`;
}

/** @param expiresAt end of the token that the API saw */
export function detailsOf({ masked, renews }: CredentialFacts, expiresAt: string | null): string {
  const life = renews
    ? 'renews itself'
    : expiresAt === null
      ? 'no end'
      : `ends ${formatUntil(expiresAt, Date.now())}`;
  return masked === null ? life : `${masked}, ${life}`;
}
