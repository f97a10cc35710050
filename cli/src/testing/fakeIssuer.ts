import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

/** What the token endpoint answers to one poll of a device code. */
export type PollAnswer = 'pending' | 'slow_down' | 'denied' | 'expired' | 'broken' | 'approve';

export interface FakeIssuer {
  readonly url: string;
  /** Answers to the polls to come; the last one is repeated. */
  polls: PollAnswer[];
  /** Whether the token endpoint answers 503 to everything. */
  down: boolean;
  /** What the token endpoint answers to everything, instead of tokens. */
  refusal: { status?: number; error: string; error_description?: string } | undefined;
  /** Whether it tells of a device endpoint. */
  offersDevice: boolean;
  /** Where the device is sent; default: this issuer. */
  verificationUri: string | undefined;
  /** The same with the code in it; default: none. */
  verificationUriComplete: string | undefined;
  /** What the answer to a refresh waits for, when the new token is made already. */
  beforeRefreshAnswer: () => Promise<void>;
  readonly refreshes: string[];
  readonly revoked: string[];
  readonly deviceRequests: URLSearchParams[];
  /** A refresh token that is good now. */
  grant(): string;
  close(): Promise<void>;
}

/**
 * An issuer as strict as a real one where it matters here: refresh tokens rotate, and using one twice ends the
 * whole login.
 */
export async function startFakeIssuer({
  expiresIn = 600,
  deviceExpiresIn = 600,
  interval = 0.01,
} = {}): Promise<FakeIssuer> {
  let serial = 0;
  let good: string | undefined;
  const tokens = () => {
    serial += 1;
    good = `refresh-${serial}`;
    return {
      access_token: `access-${serial}`,
      refresh_token: good,
      expires_in: expiresIn,
      token_type: 'Bearer',
    };
  };
  const issuer = {
    polls: ['approve'] as PollAnswer[],
    down: false,
    refusal: undefined as FakeIssuer['refusal'],
    offersDevice: true,
    verificationUri: undefined as string | undefined,
    verificationUriComplete: undefined as string | undefined,
    beforeRefreshAnswer: async () => {},
    refreshes: [] as string[],
    revoked: [] as string[],
    deviceRequests: [] as URLSearchParams[],
  };
  const server = createServer(async (request, response) => {
    const body = new URLSearchParams(await text(request));
    const path = new URL(request.url ?? '/', url).pathname;
    if (path === '/.well-known/openid-configuration') {
      const { device_authorization_endpoint: device, ...rest } = metadata(url);
      return json(
        response,
        200,
        issuer.offersDevice ? { ...rest, device_authorization_endpoint: device } : rest,
      );
    }
    if (issuer.down) return void response.writeHead(503).end('<html>busy</html>');
    if (path === '/device') {
      issuer.deviceRequests.push(body);
      return json(response, 200, {
        device_code: 'device',
        user_code: 'ABCD-EFGH',
        verification_uri: issuer.verificationUri ?? `${url}activate`,
        verification_uri_complete: issuer.verificationUriComplete,
        expires_in: deviceExpiresIn,
        interval,
      });
    }
    if (path === '/revoke') {
      issuer.revoked.push(body.get('token') ?? '');
      return json(response, 200, {});
    }
    if (issuer.refusal) {
      const { status = 400, ...answer } = issuer.refusal;
      return json(response, status, answer);
    }
    if (body.get('grant_type') === 'refresh_token') return refresh(body.get('refresh_token') ?? '', response);
    return poll(response);
  });
  const refresh = async (token: string, response: ServerResponse) => {
    issuer.refreshes.push(token);
    if (token === good) {
      const renewed = tokens();
      await issuer.beforeRefreshAnswer();
      return json(response, 200, renewed);
    }
    good = undefined;
    return json(response, 400, { error: 'invalid_grant' });
  };
  const poll = (response: ServerResponse) => {
    const answer = issuer.polls.length > 1 ? issuer.polls.shift() : issuer.polls[0];
    switch (answer) {
      case 'approve':
        return json(response, 200, { ...tokens(), scope: 'images:read' });
      case 'pending':
        return json(response, 400, { error: 'authorization_pending' });
      case 'slow_down':
        return json(response, 400, { error: 'slow_down' });
      case 'denied':
        return json(response, 403, { error: 'access_denied' });
      case 'expired':
        return json(response, 400, { error: 'expired_token' });
      default:
        return void response.writeHead(502, { 'content-type': 'text/html' }).end('<html>bad gateway</html>');
    }
  };
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/`;
  return Object.assign(issuer, {
    url,
    grant() {
      return tokens().refresh_token;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  });
}

function metadata(url: string) {
  return {
    issuer: url,
    token_endpoint: `${url}token`,
    device_authorization_endpoint: `${url}device`,
    revocation_endpoint: `${url}revoke`,
    authorization_endpoint: `${url}authorize`,
    jwks_uri: `${url}jwks`,
  };
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

async function text(request: IncomingMessage): Promise<string> {
  let all = '';
  for await (const chunk of request) all += chunk;
  return all;
}
