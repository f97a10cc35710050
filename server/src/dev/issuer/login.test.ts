import * as oidc from 'openid-client';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AUDIENCE, Browser, decode, IssuerBench, WEB } from './testing.ts';

let bench: IssuerBench;
beforeEach(async () => {
  bench = await new IssuerBench().start();
});
afterEach(() => bench.stop());

describe('code with PKCE', () => {
  async function authorize(browser: Browser, more: Record<string, string> = {}) {
    const config = await bench.client(WEB.id, WEB.secret);
    const verifier = oidc.randomPKCECodeVerifier();
    const url = oidc.buildAuthorizationUrl(config, {
      redirect_uri: WEB.callback,
      scope: 'openid profile email images:read account:read',
      audience: AUDIENCE,
      state: 'S',
      code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      ...more,
    });
    return { config, verifier, page: await browser.follow(url) };
  }

  test('log in, log in again without being asked, log out', async () => {
    const browser = new Browser();
    const { config, verifier, page } = await authorize(browser);
    expect(page.title).toBe('Log in to stager');
    expect(page.response.headers.get('content-security-policy')).toContain(
      "form-action 'self' http://127.0.0.1:9",
    );
    const back = (await page.submit({ user: 'other', decision: 'approve' })).location;
    expect(`${back?.origin}${back?.pathname}`).toBe(WEB.callback);
    const tokens = await oidc.authorizationCodeGrant(config, back ?? new URL(bench.url), {
      pkceCodeVerifier: verifier,
      expectedState: 'S',
    });
    expect(decode(tokens.access_token)).toMatchObject({
      sub: 'auth0|other',
      azp: WEB.id,
      scope: 'openid profile email images:read',
    });
    expect(tokens.claims()).toMatchObject({ sub: 'auth0|other', email: 'other@example.com' });

    const again = await authorize(browser);
    expect(again.page.location?.searchParams.get('code')).toBeTruthy();

    const logout = oidc.buildEndSessionUrl(config, {
      id_token_hint: tokens.id_token ?? '',
      post_logout_redirect_uri: 'http://127.0.0.1:9/bye',
    });
    const asked = await browser.follow(logout);
    expect(asked.title).toBe('Log out of stager?');
    const left = await asked.submit({ logout: 'yes' });
    expect(left.location?.href).toBe('http://127.0.0.1:9/bye');
    expect((await authorize(browser)).page.title).toBe('Log in to stager');
  });

  test('cancel', async () => {
    const { page } = await authorize(new Browser());
    const back = (await page.submit({ decision: 'deny' })).location;
    expect(back?.searchParams.get('error')).toBe('access_denied');
    expect(back?.searchParams.get('state')).toBe('S');
  });

  test('logging out without a session leads to the page that says so', async () => {
    const page = await new Browser().open(`${bench.url}oidc/logout`);
    expect(page.fields).toMatchObject({ logout: 'yes' });
    const done = await page.submit({});
    expect(done.title).toBe('You are logged out');
  });

  test('asked for more scopes, the person is asked again, and is the one preselected', async () => {
    const browser = new Browser();
    const first = await authorize(browser, { scope: 'openid images:read' });
    await first.page.submit({ user: 'other', decision: 'approve' });
    const second = await authorize(browser, { scope: 'openid images:read account:read' });
    expect(second.page.text).toMatch(/value="other" required checked/);
  });

  test('a choice that is none is refused', async () => {
    const { page } = await authorize(new Browser());
    expect((await page.submit({ user: 'root', decision: 'approve' })).status).toBe(403);
    expect((await page.submit({ user: 'demo' })).status).toBe(403);
  });

  test('the login form is refused without its field', async () => {
    const { page } = await authorize(new Browser());
    expect((await page.submit({ user: 'demo', decision: 'approve', xsrf: '' })).status).toBe(403);
  });

  test('the login page is of the browser that began', async () => {
    const { page } = await authorize(new Browser());
    expect((await new Browser().open(page.response.url)).status).toBe(403);
  });

  test('a stolen code is worth nothing without the verifier', async () => {
    const { config, page } = await authorize(new Browser());
    const back = (await page.submit({ user: 'demo', decision: 'approve' })).location ?? new URL(bench.url);
    const wrong = { pkceCodeVerifier: oidc.randomPKCECodeVerifier(), expectedState: 'S' };
    await expect(oidc.authorizationCodeGrant(config, back, wrong)).rejects.toMatchObject({
      error: 'invalid_grant',
    });
  });

  test.each([
    ['no PKCE', { code_challenge: '', code_challenge_method: '' }, 'invalid_request'],
    ['a wrong audience', { audience: 'https://elsewhere.test' }, 'invalid_target'],
  ])('%s is told to the client', async (_name, more, error) => {
    const { page } = await authorize(new Browser(), more);
    expect(page.location?.searchParams.get('error')).toBe(error);
    expect(bench.log).toEqual([]);
  });

  test('a foreign redirect is shown, not followed', async () => {
    const { page } = await authorize(new Browser(), { redirect_uri: 'https://evil.test/' });
    expect(page.status).toBe(400);
    expect(page.title).toBe('That did not work');
  });
});
