import { stripVTControlCharacters } from 'node:util';

// C0, DEL, C1, line separators, and the marks that reorder or hide text: what a name could use to
// write over other lines, forge output or send commands to a terminal.
const UNSAFE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not get through
  /[\u0000-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2060\u2066-\u2069\ufeff]+/g;

/** Text from a server or a file name, fit for one line of a terminal. */
export function clean(text: string): string {
  return stripVTControlCharacters(text).replace(UNSAFE, ' ').trim();
}

/** JSON that a terminal cannot take for commands: C1 controls and reordering marks are escaped as well. */
export function toJson(value: unknown, indent?: number): string {
  return safeJson(JSON.stringify(value, null, indent));
}

/** The same for what is JSON already: controls below the space can be nothing but its own white space. */
export function safeJson(json: string): string {
  return json.replace(
    /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
