import { once } from 'node:events';
import { createServer } from 'node:http';
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
        scopes: ['images:read'],
      };
      return response.end(JSON.stringify(config));
    }
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
    bench.seen.push(token);
    if (bench.accepted.length > 0 && !bench.accepted.includes(token)) {
      response.writeHead(401, { 'content-type': 'application/problem+json' });
      return response.end(
        JSON.stringify({
          type: 'urn:stager:error:unauthenticated',
          title: 'Authentication is required',
          status: 401,
          code: 'unauthenticated',
          detail: 'The token is not valid.',
          requestId: 'request-1',
          retryable: false,
        }),
      );
    }
    const account = { id: `acc_${'0'.repeat(26)}`, name: 'Demo', plan: 'dev' };
    const me = {
      principal: 'auth0|demo',
      account,
      role: 'owner',
      scopes: ['images:read'],
      credential: { kind: 'login', id: 'stager-cli' },
      expiresAt: null,
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
