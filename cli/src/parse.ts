import { usageError } from './errors.ts';

/** Parser of an option that takes a whole number within limits. */
export function integer(name: string, least: number, most: number): (text: string) => number {
  return (text) => {
    const value = /^-?\d+$/.test(text) ? Number(text) : Number.NaN;
    if (Number.isInteger(value) && value >= least && value <= most) return value;
    throw usageError(`${name} ${text} is not possible: give a whole number from ${least} to ${most}.`);
  };
}

/** Parser of an option that takes one of a few words. */
export function oneOf<T extends string>(name: string, words: readonly T[]): (text: string) => T {
  return (text) => {
    const found = words.find((word) => word === text);
    if (found !== undefined) return found;
    throw usageError(`${name} ${text} is not possible: give one of ${words.join(', ')}.`);
  };
}

/** Parser of an option that takes the id of an event. */
export function eventId(name: string): (text: string) => string {
  return (text) => {
    if (/^\d{1,15}$/.test(text)) return text;
    throw usageError(
      `${name} ${text} is not the id of an event: ids are whole numbers, and Ctrl-C prints the last one.`,
    );
  };
}

export type ParamValue = string | number | boolean;

/** Parser of an option that takes `name=value` and may be given again; numbers and true or false are taken as such. */
export function param(
  name: string,
): (text: string, before?: unknown) => Readonly<Record<string, ParamValue>> {
  return (text, before) => {
    const [, key, value] = /^([A-Za-z][\w-]*)=(.*)$/s.exec(text) ?? [];
    if (key === undefined || value === undefined) {
      throw usageError(
        `${name} ${text} is not possible: give NAME=VALUE; \`stager catalog\` lists the names.`,
      );
    }
    // What an earlier use of this same parser gave.
    return { ...(before as Record<string, ParamValue> | undefined), [key]: paramValue(value) };
  };
}

function paramValue(text: string): ParamValue {
  if (text === 'true' || text === 'false') return text === 'true';
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}

/** Parser of an option that takes scopes, between spaces or commas, and may be given again. */
export function scopeList(text: string, before?: unknown): readonly string[] {
  const scopes = text.split(/[\s,]+/).filter((word) => word !== '');
  const wrong = scopes.find((scope) => !/^[a-z]+:[a-z]+$/.test(scope));
  if (wrong !== undefined || scopes.length === 0) {
    throw usageError(`--scope ${wrong ?? text} is not possible: scopes look like images:read.`);
  }
  // What an earlier use of this same parser gave.
  return [...new Set([...((before as readonly string[] | undefined) ?? []), ...scopes])];
}

const ID_BODY = '[0-9a-hjkmnp-tv-z]{26}';

/** Whether a word has the form of an id of this kind: `img_` and 26 letters and digits. */
export function isId(prefix: string, word: string): boolean {
  return new RegExp(`^${prefix}_${ID_BODY}$`).test(word);
}

interface IdKind {
  readonly prefix: string;
  readonly what: string;
  /** Command that shows them. */
  readonly list: string;
}

const IMAGES: IdKind = { prefix: 'img', what: 'an image', list: 'stager images list' };
export const TOKENS: IdKind = { prefix: 'tok', what: 'a token', list: 'stager tokens list' };
export const INVITATIONS: IdKind = {
  prefix: 'inv',
  what: 'an invitation',
  list: 'stager members invitations',
};
export const JOBS: IdKind = { prefix: 'job', what: 'a job', list: 'stager admin jobs list' };
export const RUNS: IdKind = { prefix: 'rec', what: 'a run', list: 'stager reconcile history' };
export const PROJECT_IDS: IdKind = { prefix: 'prj', what: 'a project', list: 'stager projects list' };
export const ACCOUNTS: IdKind = { prefix: 'acc', what: 'an account', list: 'stager admin accounts list' };

/**
 * Ids of one kind, each once.
 * @throws CliError that names every word which is no id, so that nothing is done by halves
 */
export function requireIds({ prefix, what, list }: IdKind, words: readonly string[]): readonly string[] {
  const wrong = words.filter((word) => !isId(prefix, word));
  if (wrong.length === 0) return [...new Set(words)];
  throw usageError(
    `Not an id of ${what}: ${wrong.join(', ')}`,
    `Ids look like ${prefix}_01jd0000000000000000000000; ${list} shows them.`,
  );
}

/** @throws CliError unless the word is an id of that kind */
export function requireId(kind: IdKind, word: string): string {
  requireIds(kind, [word]);
  return word;
}

export const requireImageIds = (words: readonly string[]): readonly string[] => requireIds(IMAGES, words);
export const requireImageId = (word: string): string => requireId(IMAGES, word);

/** Parser of an option that takes a number of days: `30d`, or `4w`. */
export function days(name: string, most: number): (text: string) => number {
  return (text) => {
    const [, digits, unit] = /^(\d{1,4})([dw])$/.exec(text) ?? [];
    const value = Number(digits) * (unit === 'w' ? 7 : 1);
    if (value >= 1 && value <= most) return value;
    throw usageError(`${name} ${text} is not possible: give days or weeks, like 30d or 4w, up to ${most}d.`);
  };
}

const HOUR_MS = 3_600_000;

/** Parser of an option that takes a moment: a date, a date and time, or how long ago (`24h`, `7d`). In UTC, RFC 3339. */
export function moment(name: string): (text: string) => string {
  return (text) => {
    const [, digits, unit] = /^(\d{1,4})([hd])$/.exec(text) ?? [];
    const ago = Number(digits) * (unit === 'd' ? 24 : 1) * HOUR_MS;
    const dated = /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)?)?$/.test(text);
    const at = digits ? Date.now() - ago : dated ? Date.parse(asUtc(text)) : Number.NaN;
    if (Number.isFinite(at)) return new Date(at).toISOString();
    throw usageError(`${name} ${text} is not possible: give a date like 2026-03-01, or 24h, or 7d.`);
  };
}

/** Without a zone, a time is taken as UTC, as it is printed. */
function asUtc(text: string): string {
  const iso = text.replace(' ', 'T');
  return /T.*(Z|[+-]\d\d:\d\d)$/.test(iso) || !iso.includes('T') ? iso : `${iso}Z`;
}
