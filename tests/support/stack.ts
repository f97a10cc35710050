import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { serviceEnv } from './profile.ts';
import { findSecrets, logsBelow } from './secretsInLogs.ts';
import { fillStackData } from './stackData.ts';
import { makeTempDir } from './tempDir.ts';

export const repoRoot = fileURLToPath(new URL('../..', import.meta.url));

export interface TestStack {
  readonly dataDir: string;
  readonly apiUrl: string;
  readonly env: Readonly<Record<string, string>>;
  readonly process: ChildProcess;
  /** What the stack has printed so far. */
  output(): string;
  /** A secret that must be in no log when the stack stops; its own and its tokens are known. */
  plant(secret: string): void;
  /** Access token of the client `stager-ci`, for the account of `demo`. */
  token(scope?: string): Promise<string>;
  /** @throws Error when a log of the stack holds a secret */
  stop(): Promise<number | null>;
}

export interface TestStackOptions {
  /** Default: a fresh folder, removed at the end; in tests it holds a database already. */
  readonly dataDir?: string;
  /** Default `--auto-approve`. */
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export { makeTempDir };

/** Starts the embedded stack as a user would, in a process of its own, on free ports. */
export async function startTestStack(options: TestStackOptions = {}): Promise<TestStack> {
  const own = options.dataDir === undefined;
  const dataDir = options.dataDir ?? makeTempDir('stager-stack');
  if (own && process.env['VITEST']) await fillStackData(dataDir);
  const child = spawnStack(dataDir, options);
  let text = '';
  const collect = (chunk: Buffer) => {
    text += chunk.toString();
  };
  child.stdout?.on('data', collect);
  child.stderr?.on('data', collect);
  const ready = await readyMessage(child, () => text);
  const planted = new Set([ready.env['STAGER_DEV_CLIENT_SECRET'] ?? '']);
  return {
    dataDir,
    ...ready,
    process: child,
    output: () => text,
    plant: (secret) => void planted.add(secret),
    async token(scope) {
      const token = await fetchToken(ready.env, scope);
      planted.add(token);
      return token;
    },
    async stop() {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGTERM');
        await once(child, 'exit');
      }
      const logs = [...logsBelow(dataDir), { name: 'its output', text }];
      if (own) rmSync(dataDir, { recursive: true, force: true });
      const found = findSecrets(logs, planted);
      if (found.length > 0) throw new Error(`secrets in the logs of the stack:\n${found.join('\n')}`);
      return child.exitCode;
    },
  };
}

export function spawnStack(dataDir: string, options: TestStackOptions = {}): ChildProcess {
  return spawn(
    process.execPath,
    [
      '--conditions=stager-dev',
      join(repoRoot, 'server/src/dev/main.ts'),
      '--data',
      dataDir,
      '--port',
      '0',
      ...(options.args ?? ['--auto-approve']),
    ],
    {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: {
        ...cleanEnv(),
        ...serviceEnv(dataDir),
        STAGER_CONFIG_DIR: join(dataDir, 'config'),
        ...options.env,
      },
    },
  );
}

/** The environment without what a developer's shell may say about stager. */
export function cleanEnv(): NodeJS.ProcessEnv {
  const kept = ([name]: [string, unknown]) => !name.startsWith('STAGER_') || name === 'STAGER_CLI_SOURCE';
  return Object.fromEntries(Object.entries(process.env).filter(kept));
}

function readyMessage(
  child: ChildProcess,
  output: () => string,
): Promise<{ apiUrl: string; env: Record<string, string> }> {
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the stack ended with ${code}:\n${output()}`)));
    child.on('message', (message: { type?: string; apiUrl?: string; env?: Record<string, string> }) => {
      if (message.type === 'ready' && message.apiUrl && message.env) {
        child.removeAllListeners('exit');
        resolve({ apiUrl: message.apiUrl, env: message.env });
      }
    });
  });
}

async function fetchToken(
  env: Readonly<Record<string, string>>,
  scope = env['STAGER_DEV_SCOPES'],
): Promise<string> {
  const discovery = await fetch(`${env['STAGER_DEV_ISSUER']}.well-known/openid-configuration`);
  const { token_endpoint } = (await discovery.json()) as { token_endpoint: string };
  const response = await fetch(token_endpoint, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: env['STAGER_DEV_CLIENT_ID'] ?? '',
      client_secret: env['STAGER_DEV_CLIENT_SECRET'] ?? '',
      audience: env['STAGER_DEV_AUDIENCE'] ?? '',
      scope: scope ?? '',
    }),
  });
  const body = (await response.json()) as { access_token?: string };
  if (!body.access_token) throw new Error(`no token: ${JSON.stringify(body)}`);
  return body.access_token;
}

/** Process ids of the children of a process, from /proc; Linux only. */
export function childPids(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    .trim()
    .split(/\s+/)
    .filter(Boolean)
    .map(Number);
}
