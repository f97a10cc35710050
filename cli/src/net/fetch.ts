import type { Env } from '../settings/paths.ts';
import { isLoopback } from './loopback.ts';

export type Fetch = typeof globalThis.fetch;

/** The proxy settings in force; an empty variable counts as absent, so that it cannot mask its twin. */
export function proxySettings(env: Env): { httpProxy?: string; httpsProxy?: string; noProxy?: string } {
  const first = (...names: string[]) => names.map((name) => env[name]?.trim()).find((value) => value);
  const httpProxy = first('http_proxy', 'HTTP_PROXY');
  const httpsProxy = first('https_proxy', 'HTTPS_PROXY') ?? httpProxy;
  const noProxy = first('no_proxy', 'NO_PROXY');
  return {
    ...(httpProxy ? { httpProxy } : {}),
    ...(httpsProxy ? { httpsProxy } : {}),
    ...(noProxy ? { noProxy } : {}),
  };
}

export const usesProxy = (env: Env): boolean => {
  const { httpProxy, httpsProxy } = proxySettings(env);
  return httpProxy !== undefined || httpsProxy !== undefined;
};

/** Node's own fetch, or one that goes through the proxy of the environment. Loopback is never proxied. */
export async function createFetch(env: Env): Promise<Fetch> {
  if (!usesProxy(env)) return globalThis.fetch;
  // CommonJS: in the bundle it has its default export only.
  const { default: undici } = await import('undici');
  const { EnvHttpProxyAgent, fetch: proxied } = undici;
  const dispatcher = new EnvHttpProxyAgent(proxySettings(env));
  const viaProxy: Fetch = async (input, init) => {
    if (isLoopback(urlOf(input))) return globalThis.fetch(input, init);
    // undici's own types for the same web standard differ from those of @types/node in name only.
    const send = proxied as unknown as (input: unknown, init: unknown) => Promise<Response>;
    return send(input instanceof Request ? input.url : input, { ...requestInit(input), ...init, dispatcher });
  };
  return viaProxy;
}

function urlOf(input: Parameters<Fetch>[0]): URL {
  return new URL(input instanceof Request ? input.url : input);
}

/** undici's fetch does not take the Request of another realm: its parts are handed over instead. */
function requestInit(input: Parameters<Fetch>[0]): Record<string, unknown> {
  if (!(input instanceof Request)) return {};
  const { method, headers, body, signal, redirect } = input;
  return { method, headers: [...headers], body, signal, redirect, ...(body ? { duplex: 'half' } : {}) };
}
