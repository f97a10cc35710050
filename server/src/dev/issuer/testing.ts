import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as oidc from 'openid-client';
import { type IssuerOptions, type RunningIssuer, startIssuer } from './index.ts';

export const AUDIENCE = 'https://api.stager.test';
export const SCOPES = ['account:read', 'images:read', 'images:write'];
export const CLI = 'stager-cli';
export const WEB = { id: 'stager-web', secret: 'web-secret', callback: 'http://127.0.0.1:9/callback' };
export const CI = { id: 'stager-ci', secret: 'ci-secret' };

type Overrides = Partial<IssuerOptions> & { readonly port?: number };

/** An issuer on a free port with its own folder, and every line that it logs. */
export class IssuerBench {
  readonly dir = mkdtempSync(join(tmpdir(), 'stager-issuer-'));
  readonly dataFile = join(this.dir, 'issuer.sqlite');
  readonly log: string[] = [];
  #running: RunningIssuer | undefined;
  #overrides: Overrides = {};

  async start(overrides: Overrides = {}): Promise<this> {
    this.#overrides = overrides;
    this.#running = await startIssuer({
      port: 0,
      audience: AUDIENCE,
      apiBaseUrl: 'http://127.0.0.1:4010',
      dataFile: this.dataFile,
      autoApprove: false,
      scopes: SCOPES,
      scopeTexts: { 'images:write': 'Upload photos' },
      users: [
        { id: 'demo', name: 'Demo', email: 'demo@example.com', scopes: SCOPES },
        { id: 'other', name: 'Other', email: 'other@example.com', scopes: ['images:read'] },
      ],
      clients: [
        { kind: 'device', id: CLI, name: 'stager CLI' },
        {
          kind: 'web',
          id: WEB.id,
          name: 'stager',
          secret: WEB.secret,
          redirectUris: [WEB.callback],
          postLogoutRedirectUris: ['http://127.0.0.1:9/bye'],
        },
        {
          kind: 'machine',
          id: CI.id,
          name: 'CI',
          secret: CI.secret,
          scopes: ['images:read', 'images:write'],
        },
      ],
      log: (line) => this.log.push(line),
      ...overrides,
    });
    return this;
  }

  get url(): string {
    if (this.#running === undefined) throw new Error('the issuer is not running');
    return this.#running.issuerUrl;
  }

  /** Stops it and starts it on the same port and file, as a restart of the stack does. */
  async restart(): Promise<void> {
    const port = Number(new URL(this.url).port);
    await this.#running?.close();
    await this.start({ ...this.#overrides, port });
    // Lets fetch notice that its pooled connections to the old server are closed.
    await fetch(this.url).catch(() => undefined);
  }

  async stop(): Promise<void> {
    await this.#running?.close();
    this.#running = undefined;
    rmSync(this.dir, { recursive: true, force: true });
  }

  client(id: string, secret?: string): Promise<oidc.Configuration> {
    return oidc.discovery(new URL(this.url), id, secret, secret === undefined ? oidc.None() : undefined, {
      execute: [oidc.allowInsecureRequests],
    });
  }

  /** A form post without any client library, for requests that one would not send. */
  async post(
    path: string,
    fields: Record<string, string>,
  ): Promise<{ status: number; body: Record<string, unknown> }> {
    const response = await fetch(new URL(path, this.url), {
      method: 'POST',
      body: new URLSearchParams(fields),
    });
    return { status: response.status, body: JSON.parse(await response.text()) };
  }
}

/** A browser's part: cookies, redirects by hand, and forms filled in from the page. */
export class Browser {
  readonly #jar = new Map<string, string>();

  async open(url: string | URL, init: RequestInit = {}): Promise<Page> {
    const headers = new Headers(init.headers);
    headers.set('accept', 'text/html');
    headers.set('cookie', [...this.#jar].map(([name, value]) => `${name}=${value}`).join('; '));
    const response = await fetch(url, { ...init, headers, redirect: 'manual' });
    for (const cookie of response.headers.getSetCookie()) this.#keep(cookie);
    return new Page(this, response, await response.text());
  }

  /** Opens and follows redirects as long as they stay on the same origin. */
  async follow(url: string | URL, init: RequestInit = {}): Promise<Page> {
    let page = await this.open(url, init);
    for (let hops = 0; page.location !== undefined && hops < 10; hops++) {
      if (page.location.origin !== new URL(url).origin) return page;
      page = await this.open(page.location);
    }
    return page;
  }

  #keep(cookie: string): void {
    const [pair = '', ...attributes] = cookie.split(';');
    const [name = '', value = ''] = pair.split('=');
    const gone = attributes.some((text) => /expires=Thu, 01 Jan 1970/i.test(text));
    if (gone || value === '') this.#jar.delete(name);
    else this.#jar.set(name, value);
  }
}

export class Page {
  readonly browser: Browser;
  readonly response: Response;
  readonly text: string;

  constructor(browser: Browser, response: Response, text: string) {
    this.browser = browser;
    this.response = response;
    this.text = text;
  }

  get status(): number {
    return this.response.status;
  }

  get location(): URL | undefined {
    const to = this.response.headers.get('location');
    return to === null ? undefined : new URL(to, this.response.url);
  }

  get title(): string {
    return /<h1>([\s\S]*?)<\/h1>/.exec(this.text)?.[1] ?? '';
  }

  /** The hidden fields of the page's form. */
  get fields(): Record<string, string> {
    const inputs = this.text.matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)"/g);
    return Object.fromEntries([...inputs].map(([, name, value]) => [name, value]));
  }

  /** Sends the page's form with its hidden fields and these; an empty value leaves a field out. */
  submit(fields: Record<string, string>, headers: Record<string, string> = {}): Promise<Page> {
    const action = /<form[^>]* action="([^"]*)"/.exec(this.text)?.[1];
    if (action === undefined) throw new Error(`no form on the page: ${this.text.slice(0, 200)}`);
    const filled = Object.entries({ ...this.fields, ...fields }).filter(([, value]) => value !== '');
    const body = new URLSearchParams(filled);
    return this.browser.follow(new URL(action, this.response.url), { method: 'POST', body, headers });
  }
}

/** The claims of a JWT, unverified: tests of the signature are elsewhere. */
export function decode(jwt: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString());
}

/** Polls for an answer that is there already, without the wait before the first poll. */
export function grant(config: oidc.Configuration, started: oidc.DeviceAuthorizationResponse) {
  return oidc.pollDeviceAuthorizationGrant(config, { ...started, interval: 0.01 });
}
