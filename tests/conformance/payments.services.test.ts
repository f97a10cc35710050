import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ENDPOINTS } from '../../server/src/infra/stripe/endpoints.ts';
import { type Server, startStripeMock } from '../support/services.ts';
import { ask, callOf, type SentRequest } from '../support/stripeRecorder.ts';
import { type Recording, recordAdapter } from './payments.ts';

let mock: Server;
let recording: Recording;
beforeAll(async () => {
  mock = await startStripeMock();
  recording = await recordAdapter();
});
afterAll(() => mock.stop());

/** A product that lacks nothing is not changed. */
const NOT_CALLED = ['POST /v1/products/:id'];

const address = () => `http://127.0.0.1:${mock.port}`;

test("every request of the adapter is one that Stripe's own description of its API knows", async () => {
  const refused = [];
  for (const request of recording.sent) {
    if ((await ask(address(), request)) !== 'accepts') refused.push(callOf(request));
  }
  expect(refused).toEqual([]);
  const called = new Set(recording.sent.map(callOf));
  expect(ENDPOINTS.filter((one) => !called.has(one))).toEqual(NOT_CALLED);
});

test('and so are those that its own tests have taken down', async () => {
  const refused = [];
  for (const request of readRequests()) {
    if ((await ask(address(), request)) !== 'accepts') refused.push(callOf(request));
  }
  expect(refused).toEqual([]);
});

/** As the unit tests of the adapter write them. */
function readRequests(): SentRequest[] {
  const file = new URL('../../server/src/infra/stripe/requests.jsonl', import.meta.url);
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  return lines.map((line) => {
    const { method, path, form } = JSON.parse(line) as {
      method: string;
      path: string;
      form: [string, string][];
    };
    const fields = new URLSearchParams(form).toString();
    return method === 'POST'
      ? { method, path, body: fields }
      : { method, path: `${path}?${fields}`, body: '' };
  });
}

/**
 * The description says of none of these that it is required, as that depends on other parameters or on what is there
 * already; Stripe itself wants them for what we ask, and so does the fake.
 */
const KNOWN = [
  'POST /v1/billing_portal/sessions without customer',
  'POST /v1/checkout/sessions without line_items',
  'POST /v1/checkout/sessions without mode',
  'POST /v1/checkout/sessions without success_url',
  'POST /v1/prices without product',
  'POST /v1/prices without transfer_lookup_key',
  'POST /v1/prices without unit_amount',
  'POST /v1/subscription_schedules without from_subscription',
].map((fault) => `${fault}: the fake rejects, the description accepts`);

test('the fake and the description accept and reject alike, what is known to differ apart', async () => {
  const different = new Set<string>();
  for (const { fault, request, fake } of recording.mutations) {
    const stripe = await ask(address(), request);
    if (stripe !== fake) different.add(`${fault}: the fake ${fake}, the description ${stripe}`);
  }
  expect([...different].sort()).toEqual(KNOWN);
  expect(recording.mutations.length).toBeGreaterThan(60);
});
