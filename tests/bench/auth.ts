import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import Koa, { type Middleware } from 'koa';
import { bearerToken, createTokenVerifier } from '../../server/src/http/middleware/authenticate.ts';
import { createKeySet } from '../../server/src/infra/jwks.ts';
import { AUDIENCE, startTestIssuer } from '../support/issuer.ts';
import { type Bench, median, result } from './result.ts';

/** Requests of one measurement, one behind the other. */
const REQUESTS = 400;
const ROUNDS = 15;
/** Microseconds that a request may cost more for a token that was seen before. */
const CACHED_GOAL = '<= 30';

interface Target {
  /** @returns microseconds of a request, the median of many */
  measure(tokens: readonly string[]): Promise<number>;
  close(): Promise<void>;
}

/** A Koa application that answers with nothing, behind what is given. */
async function serve(...middleware: Middleware[]): Promise<Target> {
  const app = new Koa();
  for (const layer of middleware) app.use(layer);
  app.use((ctx) => {
    ctx.body = 'ok';
  });
  const server = createServer(app.callback());
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  // A TCP listener has an AddressInfo; only pipes have strings.
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  await once(socket, 'connect');
  socket.setNoDelay(true);
  return {
    async measure(tokens) {
      const times: number[] = [];
      for (const token of tokens) times.push(await ask(socket, token));
      return median(times);
    },
    close: () => shut(server, socket),
  };
}

/** Written by hand: the least that a client can cost, as it is part of both figures. */
async function ask(socket: Socket, token: string): Promise<number> {
  const text = `GET / HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\n\r\n`;
  const begin = performance.now();
  const answered = once(socket, 'data');
  socket.write(text);
  const [answer] = await answered;
  const micros = (performance.now() - begin) * 1000;
  if (!String(answer).startsWith('HTTP/1.1 200')) throw new Error(`answered ${String(answer).slice(0, 80)}`);
  return micros;
}

async function shut(server: Server, socket: Socket): Promise<void> {
  socket.destroy();
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
}

export const auth: Bench = {
  name: 'auth',
  about: 'what the verification of a token adds to an empty Koa request: same app without it, in turn',
  async run() {
    const issuer = await startTestIssuer();
    const { issuerUrl } = issuer;
    const keys = createKeySet({ issuer: issuerUrl });
    const verify = createTokenVerifier({ keys, issuer: issuerUrl, audience: AUDIENCE });
    const empty = await serve();
    const guarded = await serve(async (ctx, next) => {
      ctx.state['token'] = await verify(bearerToken(ctx.headers.authorization));
      await next();
    });
    try {
      const known = Array<string>(REQUESTS).fill(issuer.mint('auth0|bench'));
      const [bare, cached, cold]: [number[], number[], number[]] = [[], [], []];
      for (let round = 0; round <= ROUNDS; round += 1) {
        // No two are the same, so none was seen before.
        const fresh = Array.from({ length: REQUESTS }, () => issuer.mint('auth0|bench'));
        bare.push(await empty.measure(known));
        cached.push(await guarded.measure(known));
        cold.push(await guarded.measure(fresh));
      }
      // The first round warms up.
      const [base, warm, first] = [median(bare.slice(1)), median(cached.slice(1)), median(cold.slice(1))];
      return [
        result('added to a request, token seen before', 'µs', warm - base, null, CACHED_GOAL),
        result('added to a request, token not seen before', 'µs', first - base, null, null),
        result('request with a token seen before', 'µs', warm, base, null),
        result('request with a token not seen before', 'µs', first, base, null),
      ];
    } finally {
      await Promise.all([empty.close(), guarded.close()]);
      await issuer.close();
    }
  },
};
