import { createServer, type Server } from 'node:http';
import type { Plan } from '../../contract/index.ts';
import { type ApiOptions, serveApi } from './api.ts';
import { FakeClock } from './clock.ts';
import { startDeliveries } from './deliver.ts';
import { StripeFault } from './errors.ts';
import { servePages } from './pages/serve.ts';
import { keepSecrets } from './resources/webhookEndpoints.ts';
import { seed } from './seed.ts';
import { FakeStore } from './store.ts';
import { API_VERSION, type World } from './world.ts';

export interface FakeStripeOptions {
  /** 0 takes a free one. */
  readonly port: number;
  readonly dataFile: string;
  readonly secretKey: string;
  /** Where events go, and the secrets that they are signed with. */
  readonly webhook?: { readonly url: string; readonly secrets: readonly string[] } | undefined;
  /** What is sold, and where the portal leads back to. */
  readonly shop?: { readonly plans: readonly Plan[]; readonly returnUrl: string } | undefined;
  readonly log: (line: string) => void;
}

export interface RunningStripe {
  readonly url: string;
  /** Its state, for tests. */
  readonly world: World;
  close(): Promise<void>;
}

/** The endpoint of the stack that it is part of, the same after each start. */
const STACK_ENDPOINT = 'we_stack';

/**
 * A Stripe for one machine: the endpoints that the adapter calls, hosted checkout and portal, signed webhooks with
 * retries, a clock to move. What it holds survives a restart on the same file.
 * @throws Error when the port is taken or the file cannot be used
 */
export async function startFakeStripe(options: FakeStripeOptions): Promise<RunningStripe> {
  const { log } = options;
  const store = new FakeStore(options.dataFile);
  const server = createServer();
  try {
    const url = `http://127.0.0.1:${await listen(server, options.port)}`;
    if (options.webhook) keepEndpoint(store, options.webhook);
    const deliveries = startDeliveries({ store, log });
    const world: World = { store, clock: new FakeClock(store), url, wake: () => deliveries.wake() };
    if (options.shop) seed(world, options.shop);
    answerOn(server, { world, secretKey: options.secretKey, log });
    return {
      url,
      world,
      async close() {
        await deliveries.close();
        await shut(server);
        store.close();
      },
    };
  } catch (error) {
    server.close();
    store.close();
    throw error;
  }
}

function keepEndpoint(store: FakeStore, { url, secrets }: NonNullable<FakeStripeOptions['webhook']>): void {
  keepSecrets(store, STACK_ENDPOINT, secrets);
  store.put('endpoint', {
    id: STACK_ENDPOINT,
    object: 'webhook_endpoint',
    api_version: API_VERSION,
    application: null,
    created: Math.floor(Date.now() / 1000),
    description: 'The API of this stack',
    enabled_events: ['*'],
    livemode: false,
    metadata: {},
    status: 'enabled',
    url,
  });
}

function answerOn(server: Server, options: ApiOptions): void {
  const { world, log } = options;
  const { host } = new URL(world.url);
  server.on('request', (req, res) => {
    const serve = async () => {
      // A page on the internet whose name resolves to this machine still sends its own name.
      if (req.headers.host !== host) {
        res.writeHead(421).end();
        return;
      }
      if (req.url?.startsWith('/v1/')) return serveApi(options, req, res);
      if (!(await servePages(world, req, res)))
        res.writeHead(404, { 'content-type': 'text/plain' }).end('Not found');
    };
    serve().catch((error: unknown) => {
      if (!(error instanceof StripeFault))
        log(`${req.method} ${req.url}: ${error instanceof Error ? error.stack : error}`);
      if (!res.headersSent) res.writeHead(error instanceof StripeFault ? error.status : 500);
      res.end();
    });
  });
}

async function listen(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) =>
      reject(new Error(`the payments cannot listen on 127.0.0.1:${port}; choose another port.`, { cause })),
    );
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the payments have no port');
  return address.port;
}

function shut(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
