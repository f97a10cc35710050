import { messageOf } from '../../io/text.ts';
import type { Fetch } from '../../net/fetch.ts';
import { networkTrouble } from '../../net/trouble.ts';
import { skewOf } from '../remote.ts';
import { type Finding, failed } from '../types.ts';

/** One request to the issuer is given up after this, in milliseconds. */
const TIMEOUT_MS = 10_000;

export interface Answer {
  readonly status: number;
  /** An empty one when the body was no JSON object. */
  readonly body: Readonly<Record<string, unknown>>;
  readonly isJson: boolean;
  /** How far this machine's clock is ahead of the issuer's, in seconds. */
  readonly skewSeconds: number | undefined;
}

export interface Asker {
  get(url: string): Promise<Answer>;
  post(url: string, form: Readonly<Record<string, string>>): Promise<Answer>;
}

/** Requests to the issuer as they are, so that what is wrong with an answer can be named. */
export function createAsker(fetch: Fetch, signal: AbortSignal): Asker {
  const ask = async (url: string, init: RequestInit): Promise<Answer> => {
    const sentAt = Date.now();
    const response = await fetch(url, {
      ...init,
      redirect: 'error',
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
    const skewSeconds = skewOf(response.headers.get('date'), sentAt, Date.now());
    const body = parseObject(await response.text());
    return { status: response.status, body: body ?? {}, isJson: body !== undefined, skewSeconds };
  };
  const headers = { accept: 'application/json' };
  return {
    get: (url) => ask(url, { headers }),
    post: (url, form) => ask(url, { method: 'POST', headers, body: new URLSearchParams(form) }),
  };
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

export const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/** The words of an answer that is a refusal (RFC 6749 section 5.2). */
export function refusalOf({ status, body }: Answer): string {
  const error = text(body['error']);
  const words = text(body['error_description']);
  return [error ?? `status ${status}`, ...(words ? [words] : [])].join(': ');
}

/** The issuer could not be asked. */
export function unreachable(url: string, error: unknown): Finding {
  const trouble = networkTrouble(error);
  return failed(
    `${url} cannot be reached (${trouble?.code ?? messageOf(error)})`,
    trouble?.hint ?? 'Check STAGER_ISSUER of the API, and the way there.',
  );
}
