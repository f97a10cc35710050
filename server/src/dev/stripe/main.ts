import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

const USAGE = `Usage: npm run stripe -- COMMAND [--data DIR]
Pulls the strings of the test payments of a running stack (npm run dev).
  trigger TYPE [--customer ID]   makes happen what an event of this type tells of; without TYPE lists them
  advance 3d|2w|1mo              moves the clock: renewals, retries, cancellations on the way
  card pays|fails_later --customer ID   how the card behaves from now on
  outage on|off                  whether Stripe answers
  webhooks in-order|shuffle|duplicate|hold   how events are delivered
  customers                      who there is
  meters                         images above a limit that were reported
DIR is the folder of the stack (default .stager).`;

class UsageError extends Error {}

interface Call {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly fields?: Readonly<Record<string, string | undefined>>;
}

/** @param customer of the option --customer */
function toCall([command, word, ...rest]: readonly string[], customer: string | undefined): Call {
  if (rest.length > 0) throw new UsageError(`Too many words: ${rest.join(' ')}`);
  const fake = (name: string, fields: Call['fields']): Call => ({
    method: 'POST',
    path: `_fake/${name}`,
    ...(fields && { fields }),
  });
  switch (command) {
    case 'trigger':
      if (word === undefined) return { method: 'GET', path: '_fake/triggers' };
      return fake('trigger', { type: word, customer });
    case 'advance':
      return fake('advance', { by: word });
    case 'card':
      return fake('card', { behaviour: word, customer });
    case 'outage':
      return fake('outage', { state: word });
    case 'webhooks':
      return fake('webhooks', { mode: word });
    case 'meters':
      return { method: 'GET', path: '_fake/meters' };
    case 'customers':
      return { method: 'GET', path: 'customers' };
    default:
      throw new UsageError(command === undefined ? USAGE : `There is no command ${command}.\n${USAGE}`);
  }
}

/** Address and key, from the file that the stack writes. */
function readStack(dir: string): { url: string; key: string } {
  const file = join(resolve(dir), 'env');
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    throw new Error(
      `There is no ${file}. Start the stack with npm run dev, or name its folder with --data DIR.`,
    );
  }
  const value = (name: string) => new RegExp(`^export ${name}='([^']*)'$`, 'm').exec(text)?.[1];
  const [url, key] = [value('STAGER_DEV_PAYMENTS'), value('STAGER_DEV_PAYMENTS_KEY')];
  if (!url || !key) throw new Error(`${file} tells of no payments. Start the stack anew: npm run dev`);
  return { url, key };
}

async function run(args: string[]): Promise<void> {
  const { values, positionals } = read(args);
  const { method, path, fields = {} } = toCall(positionals, values.customer);
  const { url, key } = readStack(values.data);
  const given = Object.entries(fields).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const response = await fetch(`${url}/v1/${path}`, {
    method,
    headers: { authorization: `Bearer ${key}` },
    ...(method === 'POST' && { body: new URLSearchParams(given) }),
  }).catch(() => {
    throw new Error(`Nothing answers at ${url}. Start the stack: npm run dev`);
  });
  const answer: unknown = await response.json();
  if (!response.ok) throw new Error(messageOf(answer));
  process.stdout.write(`${JSON.stringify(answer, null, 2)}\n`);
}

function read(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: { data: { type: 'string', default: '.stager' }, customer: { type: 'string' } },
    });
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : error}\n${USAGE}`);
  }
}

function messageOf(answer: unknown): string {
  // The form of every error of the fake.
  const { error } = answer as { error?: { message?: string } };
  return error?.message ?? JSON.stringify(answer);
}

run(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
});
