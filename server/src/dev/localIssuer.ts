import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { ALL_SCOPES, SCOPES } from '../contract/index.ts';
import { type RunningIssuer, startIssuer } from './issuer/index.ts';
import { AUDIENCE, CI_CLIENT, CLI_CLIENT, CUSTOMER_SCOPES, WEB_CLIENT } from './names.ts';
import type { StackSecrets } from './secrets.ts';

export type { RunningIssuer };

interface Options {
  readonly dataDir: string;
  readonly apiUrl: string;
  readonly port: number;
  readonly autoApprove: boolean;
  readonly secrets: StackSecrets;
  readonly logFile: string;
}

/** The issuer of the embedded stack, with its one-click users and its clients. */
export function startLocalIssuer(options: Options): Promise<RunningIssuer> {
  return startIssuer({
    port: options.port,
    audience: AUDIENCE,
    dataFile: join(options.dataDir, 'issuer.sqlite'),
    autoApprove: options.autoApprove,
    scopes: ALL_SCOPES,
    scopeTexts: SCOPES,
    apiBaseUrl: options.apiUrl,
    users: [
      { id: 'demo', name: 'Demo', email: 'demo@stager.local', scopes: ALL_SCOPES },
      { id: 'other', name: 'Other', email: 'other@stager.local', scopes: CUSTOMER_SCOPES },
    ],
    clients: [
      { kind: 'device', id: CLI_CLIENT, name: 'stager on the command line' },
      {
        kind: 'web',
        id: WEB_CLIENT,
        name: 'stager in the browser',
        secret: options.secrets.webClient,
        redirectUris: [`${options.apiUrl}/billing/callback`],
        postLogoutRedirectUris: [`${options.apiUrl}/billing/logout`],
      },
      {
        kind: 'machine',
        id: CI_CLIENT,
        name: 'Scripts and CI',
        secret: options.secrets.ciClient,
        scopes: CUSTOMER_SCOPES,
      },
    ],
    log: (line) => appendFileSync(options.logFile, `${new Date().toISOString()} ${line}\n`),
  });
}
