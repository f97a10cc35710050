/** What a browser sends with a form of a page of the same site. */
const OWN_SITE = { 'sec-fetch-site': 'same-origin' };

/** A browser as far as cookies, redirects and forms go; redirects are not followed. */
export class Visitor {
  readonly origin: string;
  readonly jar = new Map<string, string>();

  constructor(origin: string) {
    this.origin = origin;
  }

  async get(path: string, headers: Record<string, string> = {}): Promise<Shown> {
    return this.#send(path, { headers });
  }

  /** With the token of the forms, as every page of ours holds it, unless `fields` has another. */
  async post(
    path: string,
    fields: Record<string, string> = {},
    headers: Record<string, string> = { origin: this.origin, ...OWN_SITE },
  ): Promise<Shown> {
    const csrf = fields['csrf'] ?? this.jar.get('__Host-stager_csrf') ?? '';
    const body = new URLSearchParams({ ...fields, csrf });
    return this.#send(path, { method: 'POST', headers, body });
  }

  async #send(path: string, init: RequestInit): Promise<Shown> {
    const headers = new Headers(init.headers);
    headers.set('cookie', [...this.jar].map(([name, value]) => `${name}=${value}`).join('; '));
    const response = await fetch(new URL(path, this.origin), { ...init, headers, redirect: 'manual' });
    for (const cookie of response.headers.getSetCookie()) this.#keep(cookie);
    return { status: response.status, headers: response.headers, text: await response.text() };
  }

  #keep(cookie: string): void {
    const [pair = ''] = cookie.split(';');
    const at = pair.indexOf('=');
    const value = pair.slice(at + 1);
    if (value === '' || /max-age=0/i.test(cookie)) this.jar.delete(pair.slice(0, at));
    else this.jar.set(pair.slice(0, at), value);
  }
}

export interface Shown {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** The heading of a page, which says what it is. */
export function heading({ text }: Shown): string {
  return /<h1>([\s\S]*?)<\/h1>/.exec(text)?.[1] ?? '';
}

export function redirect({ status, headers }: Shown): string {
  return status === 303 ? (headers.get('location') ?? '') : `no redirect but ${status}`;
}
