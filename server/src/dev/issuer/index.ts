import { createServer, type RequestListener, type Server } from 'node:http';
import type Koa from 'koa';
import type { Middleware } from 'koa';
import Provider from 'oidc-provider';
import type { IssuerContext } from './approval.ts';
import { configure } from './configuration.ts';
import { deviceRoutes } from './device.ts';
import { createFormGuard, FormRefused, ownHostOnly, sendPage } from './guard.ts';
import { loadKeys } from './keys.ts';
import { loginRoutes } from './login.ts';
import { checkOptions, type IssuerOptions } from './options.ts';
import { resultPage } from './pages.ts';
import { devicePolling } from './polling.ts';
import { openStore } from './store.ts';
import { userinfoRoute } from './userinfo.ts';

export type {
  DeviceClient,
  IssuerClient,
  IssuerOptions,
  IssuerUser,
  MachineClient,
  WebClient,
} from './options.ts';
export { AUTO_APPROVED_USER, subjectOf } from './options.ts';

export interface Issuer {
  readonly issuerUrl: string;
  /** For `http.createServer`. Answers at the root of `issuerUrl` only. */
  readonly callback: RequestListener;
  /** Closes the data file; the caller has stopped its server before. */
  close(): void;
}

export interface RunningIssuer {
  readonly issuerUrl: string;
  readonly port: number;
  close(): Promise<void>;
}

/**
 * The local OpenID issuer, which stands in for Auth0: device code, code with PKCE, client credentials,
 * rotating refresh tokens. What it has issued survives a restart on the same data file.
 * @throws Error when an option cannot work or the data file cannot be used.
 */
export async function createIssuer(options: IssuerOptions): Promise<Issuer> {
  checkOptions(options);
  const store = openStore(options.dataFile);
  try {
    const keys = await loadKeys(store);
    const provider = new Provider(options.issuerUrl, configure(options, store, keys));
    logFailures(provider, options.log);
    const forms = createFormGuard(keys, options.issuerUrl);
    for (const middleware of routes({ provider, options, keys, forms })) provider.use(middleware);
    return { issuerUrl: options.issuerUrl, callback: provider.callback(), close: store.close };
  } catch (error) {
    store.close();
    throw error;
  }
}

/** Outermost first; the provider's own routes come after all of them. */
function routes(context: IssuerContext): Middleware[] {
  return [
    ownHostOnly(context.options.issuerUrl),
    refusedForms,
    deviceRoutes(context),
    loginRoutes(context),
    userinfoRoute(context),
    devicePolling(context),
  ];
}

const refusedForms: Middleware = async (ctx, next) => {
  try {
    await next();
  } catch (error) {
    if (!(error instanceof FormRefused)) throw error;
    ctx.status = 403;
    sendPage(ctx, resultPage({ good: false, title: 'Not accepted', text: error.message }));
  }
};

function logFailures(provider: Provider, log: IssuerOptions['log']): void {
  provider.on('server_error', (ctx, error) =>
    log(`issuer: ${ctx.method} ${ctx.path} failed: ${error.stack}`),
  );
  // Koa prints to the console when nobody listens.
  const app: Koa = provider;
  app.on('error', (error: Error & { readonly expose?: boolean }) => {
    if (error.expose !== true) log(`issuer: ${error.stack}`);
  });
}

/** Starts an issuer on 127.0.0.1; port 0 takes a free one. Its URL is `http://127.0.0.1:<port>/`. */
export async function startIssuer(
  options: Omit<IssuerOptions, 'issuerUrl'> & { readonly port: number },
): Promise<RunningIssuer> {
  const { port: wanted, ...rest } = options;
  const server = createServer();
  const port = await listen(server, wanted);
  const issuerUrl = `http://127.0.0.1:${port}/`;
  const starting = createIssuer({ ...rest, issuerUrl });
  // The port is known before the issuer is ready: whoever calls in between waits, and is not refused.
  server.on('request', (req, res) => {
    starting.then(
      ({ callback }) => callback(req, res),
      () => res.destroy(),
    );
  });
  try {
    const issuer = await starting;
    return {
      issuerUrl,
      port,
      async close() {
        await shut(server);
        issuer.close();
      },
    };
  } catch (error) {
    await shut(server);
    throw error;
  }
}

async function listen(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) =>
      reject(new Error(`the issuer cannot listen on 127.0.0.1:${port}; choose another port.`, { cause })),
    );
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the issuer has no port');
  return address.port;
}

function shut(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
