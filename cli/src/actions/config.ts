import type { Context } from '../context.ts';
import { usageError } from '../errors.ts';
import { clean } from '../io/clean.ts';
import type { Rendered } from '../io/io.ts';
import { renderTable } from '../io/table.ts';
import { integer, oneOf } from '../parse.ts';
import { PICTURES } from '../pictures/protocol.ts';
import { settingsFile } from '../settings/paths.ts';
import { parseApiUrl, resolveSettings, type Setting, unknownProfile } from '../settings/resolve.ts';
import { MOST_CONCURRENCY, type Profile, readSettings, writeSettings } from '../settings/store.ts';
import { suggest } from '../suggest.ts';

/** What can be set in a profile, and how what was typed becomes a value. */
const KEYS = {
  apiUrl: (text: string) => parseApiUrl(text, 'apiUrl'),
  concurrency: integer('concurrency', 1, MOST_CONCURRENCY),
  pictures: oneOf('pictures', PICTURES),
} as const satisfies Record<keyof Profile, (text: string) => string | number>;

type Key = keyof typeof KEYS;

export async function listSettings(context: Context): Promise<Rendered> {
  const [resolved, stored] = await Promise.all([context.settings(), readSettings(context.configDir)]);
  const { profile, apiUrl, concurrency, pictures } = resolved;
  const rows: [string, Setting<string | number | undefined>][] = [
    ['profile', profile],
    ['apiUrl', apiUrl],
    ['concurrency', concurrency],
    ['pictures', pictures],
  ];
  const profiles = Object.entries(stored.profiles);
  return {
    json: () => ({
      file: settingsFile(context.configDir),
      settings: Object.fromEntries(
        rows.map(([key, { value, source }]) => [key, { value: value ?? null, source }]),
      ),
      profiles: stored.profiles,
    }),
    text({ style, columns }) {
      const table = renderTable(
        [{ title: 'KEY' }, { title: 'VALUE', flexible: true }, { title: 'FROM', paint: style.dim }],
        rows.map(([key, { value, source }]) => [
          key,
          clean(String(value ?? 'adapts to the network')),
          source,
        ]),
        columns,
        style.dim,
      );
      if (profiles.length === 0) return table;
      const names = profiles.map(([name, own]) => {
        const mark = name === profile.value ? '*' : ' ';
        return `${mark} ${clean(name)}  ${style.dim(clean(own.apiUrl ?? 'no apiUrl'))}`;
      });
      return `${table}\n\n${style.dim('Profiles')}\n${names.join('\n')}`;
    },
  };
}

export async function getSetting(context: Context, key: string): Promise<Rendered> {
  const resolved = await context.settings();
  const name = key === 'profile' ? 'profile' : requireKey(key, ['profile']);
  const { value, source } = resolved[name];
  return {
    json: () => ({ key: name, value: value ?? null, source }),
    text: () => clean(String(value ?? '')),
  };
}

export async function setSetting(context: Context, key: string, text: string): Promise<Rendered> {
  const name = requireKey(key);
  const value = KEYS[name](text);
  const profile = await changeProfile(context, (own) => ({ ...own, [name]: value }));
  return {
    json: () => ({ profile, key: name, value }),
    text: () => `${name} of the profile ${clean(profile)} is ${clean(String(value))}.`,
  };
}

export async function unsetSetting(context: Context, key: string): Promise<Rendered> {
  const name = requireKey(key);
  const profile = await changeProfile(context, ({ [name]: _gone, ...rest }) => rest);
  return {
    json: () => ({ profile, key: name, value: null }),
    text: () => `${name} of the profile ${clean(profile)} is no longer set.`,
  };
}

async function changeProfile(context: Context, change: (own: Profile) => Profile): Promise<string> {
  const stored = await readSettings(context.configDir);
  const name = nameOfProfile(context, stored);
  await writeSettings(context.configDir, {
    ...stored,
    profiles: { ...stored.profiles, [name]: change(stored.profiles[name] ?? {}) },
  });
  return name;
}

/** A profile that is named need not be there yet: setting a value makes it. */
function nameOfProfile(context: Context, stored: Awaited<ReturnType<typeof readSettings>>): string {
  const named = context.flags.profile ?? context.env['STAGER_PROFILE'];
  const name = named || resolveSettings({}, {}, stored).profile.value;
  if (!/^[\w.-]{1,60}$/.test(name)) {
    throw usageError(
      `${name} cannot be the name of a profile: use letters, digits, dots, dashes and underscores.`,
    );
  }
  return name;
}

export function showPath({ configDir }: Context): Rendered {
  return { json: () => ({ path: configDir }), text: () => configDir };
}

export async function useProfile(context: Context, name: string): Promise<Rendered> {
  const stored = await readSettings(context.configDir);
  const own = stored.profiles[name];
  if (!own) throw unknownProfile(name, stored);
  await writeSettings(context.configDir, { ...stored, profile: name });
  return {
    json: () => ({ profile: name, ...own }),
    text: () => `The profile ${clean(name)} is in use${own.apiUrl ? `: ${clean(own.apiUrl)}` : ''}.`,
  };
}

function requireKey(key: string, also: readonly string[] = []): Key {
  if (Object.hasOwn(KEYS, key)) return key as Key; // narrowed by the test beside it
  const keys = [...Object.keys(KEYS), ...also];
  const close = suggest(key, keys);
  throw usageError(
    `There is no setting ${key}.`,
    close ? `Did you mean ${close}?` : `Settings: ${keys.join(', ')}`,
  );
}
