import { randomBytes } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface StackSecrets {
  /** Signs the links of the disk store. */
  readonly objects: string;
  /** Of the client `stager-ci`. */
  readonly ciClient: string;
  /** Of the client `stager-web`. */
  readonly webClient: string;
  /** Key of the account at the fake Stripe. */
  readonly payments: string;
  /** Signs what the fake Stripe tells. */
  readonly webhooks: string;
  /** Of the checkout pages. */
  readonly sessions: string;
}

/** Secrets of a stack: made at its first start, kept in a file that only its owner can read. */
export function loadSecrets(dir: string): StackSecrets {
  const file = join(dir, 'secrets.json');
  const make = () => randomBytes(24).toString('base64url');
  const kept = readKept(file);
  const secrets = {
    objects: kept['objects'] ?? make(),
    ciClient: kept['ciClient'] ?? make(),
    webClient: kept['webClient'] ?? make(),
    payments: kept['payments'] ?? `sk_test_${randomBytes(24).toString('hex')}`,
    webhooks: kept['webhooks'] ?? `whsec_${randomBytes(24).toString('hex')}`,
    sessions: kept['sessions'] ?? make(),
  };
  const temporary = `${file}.${process.pid}`;
  writeFileSync(temporary, JSON.stringify(secrets, null, 2), { mode: 0o600 });
  renameSync(temporary, file);
  return secrets;
}

function readKept(file: string): Record<string, string> {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (typeof value !== 'object' || value === null) return {};
    return Object.fromEntries(Object.entries(value).filter((entry) => typeof entry[1] === 'string'));
  } catch {
    return {};
  }
}
