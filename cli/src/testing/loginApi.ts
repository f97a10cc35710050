import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { type FakeIssuer, startFakeIssuer } from './fakeIssuer.ts';

export interface LoginApi {
  readonly url: string;
  readonly issuer: FakeIssuer;
  /** Bearer tokens that the API has seen. */
  readonly seen: string[];
  /** Access tokens that the API takes; all when empty. */
  accepted: string[];
  /** Which issuer the API names; default: the one beside it. */
  issuerUrl: string;
  /** Scopes that the API names for a login. */
  scopes: string[];
  /** Scopes that it finds in any token. */
  granted: string[];
  /** A scope that every request lacks. */
  missing: string | undefined;
  /** Whom it finds behind a token; undefined: nobody that it knows. */
  account: object | undefined;
  /** End of every token, as the API says it. */
  expiresAt: string | null;
  /** What it says of its health, with 200. */
  health: unknown;
}

/** An issuer, and as much of an API as logins and the doctor need. */
export async function startLoginApi(): Promise<LoginApi> {
  const issuer = await startFakeIssuer();
  const bench = {
    seen: [] as string[],
    accepted: [] as string[],
    issuerUrl: issuer.url,
    scopes: ['images:read'],
    granted: ['images:read'],
    missing: undefined as string | undefined,
    account: { id: `acc_${'0'.repeat(26)}`, name: 'Demo', plan: 'dev' } as object | undefined,
    expiresAt: null as string | null,
    health: { status: 'ok', checks: { database: 'ok' } } as unknown,
  };
  const server = createServer((request, response) => {
    response.setHeader('content-type', 'application/json');
    if (request.url === '/readyz') return response.end(JSON.stringify(bench.health));
    if (request.url === '/v1/auth/config') {
      const config = {
        issuer: bench.issuerUrl,
        audience: 'api',
        cliClientId: 'stager-cli',
        scopes: bench.scopes,
      };
      return response.end(JSON.stringify(config));
    }
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
    bench.seen.push(token);
    if (bench.accepted.length > 0 && !bench.accepted.includes(token)) {
      return refuse(response, 401, { code: 'unauthenticated', detail: 'The token is not valid.' });
    }
    if (bench.missing !== undefined) {
      const detail = `This needs the scope ${bench.missing}.`;
      return refuse(response, 403, { code: 'insufficient_scope', detail, scope: bench.missing });
    }
    const { account } = bench;
    if (account === undefined) {
      return refuse(response, 403, { code: 'no_account', detail: 'No account knows this identity.' });
    }
    const me = {
      principal: 'auth0|demo',
      account,
      role: 'owner',
      scopes: bench.granted,
      credential: { kind: 'login', id: 'stager-cli' },
      expiresAt: bench.expiresAt,
    };
    return response.end(JSON.stringify(me));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    server.closeAllConnections();
    server.close();
    await Promise.all([once(server, 'close'), issuer.close()]);
  });
  // A TCP listener has an AddressInfo; only pipes have strings.
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return Object.assign(bench, { url, issuer });
}

function refuse(
  response: ServerResponse,
  status: number,
  problem: { code: string; detail: string; scope?: string },
) {
  const rest = { type: `urn:stager:error:${problem.code}`, title: 'Refused', requestId: 'request-1' };
  response.writeHead(status, { 'content-type': 'application/problem+json' });
  return response.end(JSON.stringify({ ...rest, status, retryable: false, ...problem }));
}
