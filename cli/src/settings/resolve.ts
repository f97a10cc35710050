import { CliError, usageError } from '../errors.ts';
import { EXIT } from '../exit.ts';
import { shellQuote } from '../io/text.ts';
import type { Pictures } from '../pictures/protocol.ts';
import { suggest } from '../suggest.ts';
import type { Env } from './paths.ts';
import type { Settings } from './store.ts';

/** Where a value comes from; the first one that has it wins, in this order. */
export type Source = 'flag' | 'environment' | 'profile' | 'config' | 'default';

export interface Setting<T> {
  readonly value: T;
  readonly source: Source;
}

export interface Flags {
  readonly profile?: string;
  readonly apiUrl?: string;
}

export interface Resolved {
  readonly profile: Setting<string>;
  readonly apiUrl: Setting<string>;
  /** Uploads at the same time; undefined leaves it to the SDK. */
  readonly concurrency: Setting<number | undefined>;
  /** How pictures are shown in the terminal. */
  readonly pictures: Setting<Pictures>;
}

const DEFAULT_PROFILE = 'default';
/** Where `npm run dev` serves the API. */
const DEFAULT_API_URL = 'http://127.0.0.1:4600';

/** Flag, environment, profile, default: in this order, for each value by itself. */
export function resolveSettings(flags: Flags, env: Env, settings: Settings): Resolved {
  const profile = resolveProfile(flags, env, settings);
  const own = settings.profiles[profile.value];
  const apiUrl = resolveApiUrl(flags, env, own?.apiUrl);
  if (
    !own &&
    apiUrl.source === 'default' &&
    (profile.source === 'flag' || profile.source === 'environment')
  ) {
    throw unknownProfile(profile.value, settings);
  }
  return {
    profile,
    apiUrl,
    concurrency:
      own?.concurrency === undefined
        ? { value: undefined, source: 'default' }
        : { value: own.concurrency, source: 'profile' },
    pictures:
      own?.pictures === undefined
        ? { value: 'auto', source: 'default' }
        : { value: own.pictures, source: 'profile' },
  };
}

function resolveProfile(flags: Flags, env: Env, settings: Settings): Setting<string> {
  if (flags.profile) return { value: flags.profile, source: 'flag' };
  if (env['STAGER_PROFILE']) return { value: env['STAGER_PROFILE'], source: 'environment' };
  if (settings.profile) return { value: settings.profile, source: 'config' };
  // A single profile needs no choosing: `npm run dev` followed by `stager login` just works.
  const names = Object.keys(settings.profiles);
  const [only] = names;
  if (only !== undefined && names.length === 1) return { value: only, source: 'config' };
  return { value: DEFAULT_PROFILE, source: 'default' };
}

function resolveApiUrl(flags: Flags, env: Env, own: string | undefined): Setting<string> {
  if (flags.apiUrl) return { value: parseApiUrl(flags.apiUrl, '--api-url'), source: 'flag' };
  const fromEnv = env['STAGER_API_URL'];
  if (fromEnv) return { value: parseApiUrl(fromEnv, 'STAGER_API_URL'), source: 'environment' };
  if (own) return { value: parseApiUrl(own, 'apiUrl of the profile'), source: 'profile' };
  return { value: DEFAULT_API_URL, source: 'default' };
}

export function unknownProfile(name: string, { profiles }: Settings): CliError {
  const names = Object.keys(profiles);
  const close = suggest(name, names);
  const create = `stager config set apiUrl https://api.example.com --profile ${shellQuote(name)}`;
  return new CliError(`There is no profile ${name}.`, {
    code: 'usage',
    exit: EXIT.usage,
    hint: close ? `Did you mean ${close}?` : `Profiles: ${names.join(', ') || 'none yet'}`,
    next: close ? [] : [{ command: create, when: 'to create it' }],
  });
}

/** @throws CliError unless it is the address of an API: http(s), no credentials, query or fragment */
export function parseApiUrl(text: string, from: string): string {
  const url = URL.parse(text);
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password || url.search || url.hash) {
    throw usageError(
      `${from} is not the address of an API: ${text}`,
      'It looks like https://api.example.com, without a user, a query or a fragment.',
    );
  }
  return url.href.replace(/\/+$/, '');
}
