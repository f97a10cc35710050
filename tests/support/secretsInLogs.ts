import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What no log may hold, whoever has put it there: tokens, secrets, signed links, e-mail addresses. */
const SHAPES: Readonly<Record<string, RegExp>> = {
  'a token of the issuer': /\beyJ[\w-]{8,}\.[\w-]+\.[\w-]+/,
  'a personal access token, an invitation or a session': /\bstg[pis]_[0-9A-Za-z]{10,}/,
  'an Authorization header': /\b(?:Bearer|Basic) +(?!\[redacted\])[\w.~+/-]{6,}/i,
  'a signed link': /[?&](?:X-Amz-Signature|signature|sig)=(?!\[redacted\])[^&\s"]+/i,
  'an e-mail address': /[\w.+-]+@[\w-]+(?:\.[\w-]+)*\.(?:com|org|net|test|example)\b/i,
  'a private key': /-----BEGIN [A-Z ]*PRIVATE KEY/,
};

export interface Logs {
  readonly name: string;
  readonly text: string;
}

/** Every log that the processes of a stack have written below its folder. */
export function logsBelow(dataDir: string): Logs[] {
  return readdirSync(dataDir, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.log'))
    .map((name) => ({ name, text: readFileSync(join(dataDir, name), 'utf8') }));
}

/**
 * What of it all stands in a log. The secret itself is not repeated: this goes to the output of the test run.
 * @param planted secrets of this stack, of any form
 */
export function findSecrets(logs: readonly Logs[], planted: Iterable<string>): string[] {
  const known = [...planted].filter((secret) => secret !== '');
  return logs.flatMap(({ name, text }) =>
    text.split('\n').flatMap((line, n) => {
      const shapes = Object.entries(SHAPES).filter(([, shape]) => shape.test(line));
      const words = shapes.map(([what]) => what);
      if (known.some((secret) => line.includes(secret))) words.push('a secret that a test has planted');
      return words.map((what) => `${name}:${n + 1} holds ${what}`);
    }),
  );
}
