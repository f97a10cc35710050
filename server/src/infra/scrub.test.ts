import fc from 'fast-check';
import { expect, test } from 'vitest';
import { newSecret } from '../core/accounts/secrets.ts';
import { scrub } from './scrub.ts';

const JWT = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl';

test.each([
  ['an access token', `refused ${JWT} of x`, 'refused [redacted] of x'],
  ['a personal access token', `unknown: ${newSecret('stgp_')}`, 'unknown: [redacted]'],
  ['the secret of an invitation', newSecret('stgi_'), '[redacted]'],
  ['a key of Stripe', 'no permission: rk_live_51Hx9aB0', 'no permission: [redacted]'],
  [
    'a secret of a webhook',
    'STAGER_STRIPE_WEBHOOK_SECRETS=whsec_a1B2',
    'STAGER_STRIPE_WEBHOOK_SECRETS=[redacted]',
  ],
  ['an Authorization header', 'authorization: Bearer abc.def', 'authorization: Bearer [redacted]'],
  ['Basic credentials', '{"h":"Basic bWU6c2VjcmV0"}', '{"h":"Basic [redacted]"}'],
  [
    'a link to an S3 store',
    'GET /a?X-Amz-Credential=AK%2F1&X-Amz-Date=20260101&X-Amz-Signature=0a1b failed',
    'GET /a?X-Amz-Credential=[redacted]&X-Amz-Date=20260101&X-Amz-Signature=[redacted] failed',
  ],
  [
    'a link to the disk store',
    '/objects/photos/k?expires=9&signature=abc',
    '/objects/photos/k?expires=9&signature=[redacted]',
  ],
  [
    'a form',
    'grant_type=x&client_secret=s3&refresh_token=r1&device_code=d',
    'grant_type=x&client_secret=[redacted]&refresh_token=[redacted]&device_code=[redacted]',
  ],
  [
    'the address of a database',
    'postgres://stager_api:pa55@127.0.0.1:5432/stager',
    'postgres://stager_api:[redacted]@127.0.0.1:5432/stager',
  ],
  ['an e-mail address', 'Key (email)=(ann.lee+x@mail.example.com) exists', 'Key (email)=([e-mail]) exists'],
])('%s is gone, the rest is not', (_name, line, expected) => {
  expect(scrub(line)).toBe(expected);
});

test.each([
  ['auth0|5f7c8ec7c33c6c004bbafe82'],
  ['stager-ci@clients'],
  ['evt_1PabcDEFghi of cus_Qx1 is about sub_1Pabc, task_live_1'],
  ['img_01k4x8m2v6q9r3t5w7y1z0abcd'],
  ['http://127.0.0.1:4600/v1/images?limit=10'],
  ['{"level":"info","operation":"createToken","status":201,"ms":4}'],
  ['More than 300 requests a minute. Wait 5 s.'],
])('%s stays', (line) => {
  expect(scrub(line)).toBe(line);
});

test('a line of JSON stays one', () => {
  fc.assert(
    fc.property(fc.json(), fc.constantFrom(JWT, 'Bearer x"y', 'a@b.example', 'code=1'), (json, secret) => {
      const line = JSON.stringify({ value: JSON.parse(json), msg: secret });
      expect(() => JSON.parse(scrub(line))).not.toThrow();
    }),
  );
});
