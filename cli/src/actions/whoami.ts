import type { Identity } from '../auth/identity.ts';
import type { Context } from '../context.ts';
import { clean } from '../io/clean.ts';
import type { Rendered } from '../io/io.ts';
import { credentialsFile } from '../settings/paths.ts';

export async function whoAmI(context: Context): Promise<Rendered> {
  const client = await context.stager();
  const [me, identity, settings] = await Promise.all([client.me(), context.identity(), context.settings()]);
  const source = describeSource(identity, credentialsFile(context.configDir));
  return {
    json: () => ({
      ...me,
      apiUrl: settings.apiUrl.value,
      profile: settings.profile.value,
      credentials: source,
    }),
    text: ({ style }) =>
      [
        ['Principal', style.bold(clean(me.principal))],
        [
          'Account',
          `${clean(me.account.name)}  ${style.dim(`${me.account.id}, plan ${clean(me.account.plan)}, ${me.role}`)}`,
        ],
        ['API', `${clean(settings.apiUrl.value)}  ${style.dim(`profile ${clean(settings.profile.value)}`)}`],
        [
          'Credentials',
          clean(source.kind === 'login' ? `login in ${source.from}` : `${source.kind} of ${source.from}`),
        ],
        ['Scopes', clean(me.scopes.join(' '))],
      ]
        .map(([name = '', value = '']) => `${name.padEnd(12)} ${value}`)
        .join('\n'),
  };
}

interface CredentialSource {
  readonly kind: 'token' | 'machine client' | 'login';
  /** Variable or file; never the secret itself. */
  readonly from: string;
}

export function describeSource(identity: Identity, file: string): CredentialSource {
  switch (identity.source) {
    case 'STAGER_TOKEN':
      return { kind: 'token', from: 'STAGER_TOKEN' };
    case 'STAGER_CLIENT_ID':
      return { kind: 'machine client', from: 'STAGER_CLIENT_ID' };
    case 'login':
      return { kind: 'login', from: file };
  }
}
