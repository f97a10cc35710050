import { Browser } from '../../server/src/dev/issuer/testing.ts';
import type { TestStack } from './stack.ts';

/**
 * Logs a person in by device code, pressing the buttons of the approval page.
 * @param more scopes beside those of a customer
 * @returns an access token
 */
export async function logIn(stack: TestStack, user: 'demo' | 'other', more = ''): Promise<string> {
  const discovery = await fetch(`${stack.env['STAGER_DEV_ISSUER']}.well-known/openid-configuration`);
  // The two endpoints are what OpenID Connect Discovery and RFC 8628 promise of the document.
  const endpoints = (await discovery.json()) as {
    token_endpoint: string;
    device_authorization_endpoint: string;
  };
  const client = { client_id: 'stager-cli' };
  const started = await post(endpoints.device_authorization_endpoint, {
    ...client,
    scope: `openid ${stack.env['STAGER_DEV_SCOPES']} ${more}`.trim(),
    audience: stack.env['STAGER_DEV_AUDIENCE'] ?? '',
  });
  const page = await new Browser().open(String(started['verification_uri_complete']));
  await page.submit({ user, decision: 'approve' });
  const granted = await post(endpoints.token_endpoint, {
    ...client,
    grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
    device_code: String(started['device_code']),
  });
  if (typeof granted['access_token'] !== 'string') throw new Error(`no token: ${JSON.stringify(granted)}`);
  return granted['access_token'];
}

async function post(url: string, form: Record<string, string>): Promise<Record<string, unknown>> {
  const response = await fetch(url, { method: 'POST', body: new URLSearchParams(form) });
  const body: unknown = await response.json();
  if (typeof body !== 'object' || body === null) throw new Error(`${url} answered ${JSON.stringify(body)}`);
  return { ...body };
}
