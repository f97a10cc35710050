import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { signed } from '../../../tests/support/stripeEvents.ts';
import { createKeyring } from '../core/accounts/keyring.ts';
import { secretList } from './config.ts';
import { nonEmpty, sign, verify } from './objects/disk/signing.ts';
import { rereadSecrets } from './reread.ts';
import { createWebhookVerifier } from './stripe/webhook.ts';

const schema = z.object({
  STAGER_OBJECTS_SECRETS: secretList,
  STAGER_SESSION_SECRETS: secretList,
  STAGER_STRIPE_WEBHOOK_SECRETS: secretList.optional(),
});
const OLD = 'old-secret-0123456789';
const NEW = 'new-secret-0123456789';

let folder: string;
let env: NodeJS.ProcessEnv;
const write = (text: string) => {
  for (const name of Object.keys(schema.shape)) writeFileSync(join(folder, name), text);
};
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'stager-secrets-'));
  env = Object.fromEntries(Object.keys(schema.shape).map((name) => [`${name}_FILE`, join(folder, name)]));
  write(OLD);
});
afterEach(() => rmSync(folder, { recursive: true }));

test('a new secret in front signs at once, and the old one is accepted until it is taken out', async () => {
  const config = schema.parse({
    STAGER_OBJECTS_SECRETS: OLD,
    STAGER_SESSION_SECRETS: OLD,
    STAGER_STRIPE_WEBHOOK_SECRETS: OLD,
  });
  const keyring = createKeyring(config.STAGER_SESSION_SECRETS);
  const accepts = createWebhookVerifier(config.STAGER_STRIPE_WEBHOOK_SECRETS ?? []);
  const body = JSON.stringify({ id: 'evt_1', type: 'x', created: 1, data: { object: {} } });
  const event = (secret: string) =>
    accepts(Buffer.from(body), signed(body, secret)['stripe-signature'] ?? '').then(
      ({ id }) => id,
      (error: Error) => error.name,
    );
  const before = keyring.mac('csrf', 'x');
  const links = nonEmpty(config.STAGER_OBJECTS_SECRETS);
  const get = { name: undefined, type: undefined };
  const claim = { bucket: 'photos', key: 'a', expires: 1, get } as const;
  const link = sign(links, claim);
  expect([await event(OLD), await event(NEW)]).toEqual(['evt_1', 'SignatureRejected']);

  write(`${NEW},${OLD}`);
  expect(rereadSecrets(schema, config, env)).toEqual(Object.keys(schema.shape));
  expect(rereadSecrets(schema, config, env)).toEqual([]);
  expect(keyring.mac('csrf', 'x')).not.toBe(before);
  expect(keyring.verifies('csrf', 'x', before)).toBe(true);
  expect(sign(links, claim)).not.toEqual(link);
  expect(verify(links, claim, link)).toBe(true);
  expect([await event(OLD), await event(NEW)]).toEqual(['evt_1', 'evt_1']);

  write(NEW);
  rereadSecrets(schema, config, env);
  expect(keyring.verifies('csrf', 'x', before)).toBe(false);
  expect(verify(links, claim, link)).toBe(false);
  expect([await event(OLD), await event(NEW)]).toEqual(['SignatureRejected', 'evt_1']);
});

test('a file that holds no valid list changes nothing, not even another one', () => {
  const config = schema.parse({ STAGER_OBJECTS_SECRETS: OLD, STAGER_SESSION_SECRETS: OLD });
  writeFileSync(join(folder, 'STAGER_OBJECTS_SECRETS'), NEW);
  writeFileSync(join(folder, 'STAGER_SESSION_SECRETS'), 'short');
  expect(() => rereadSecrets(schema, config, env)).toThrow('STAGER_SESSION_SECRETS');
  expect(config).toEqual({ STAGER_OBJECTS_SECRETS: [OLD], STAGER_SESSION_SECRETS: [OLD] });
});
