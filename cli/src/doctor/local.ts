import { accessSync, constants, statSync } from 'node:fs';
import { shellQuote } from '../io/text.ts';
import { proxySettings } from '../net/fetch.ts';
import { credentialsFile, type Env, pendingLoginsFile, settingsFile } from '../settings/paths.ts';
import { type Finding, failed, ok, skipped, warning } from './types.ts';

const LEAST_NODE = 22;

export function checkNode(version: string): Finding {
  return Number(version.split('.')[0]) >= LEAST_NODE
    ? ok(version)
    : failed(`${version} is too old`, `Install Node ${LEAST_NODE} or later.`);
}

/** Others on this machine must not be able to read or replace a login. */
export function checkFiles(dir: string, platform: NodeJS.Platform = process.platform): Finding {
  if (platform === 'win32') return skipped(`${dir} is protected by Windows, which is not looked at`);
  const dirMode = modeOf(dir);
  if (dirMode === undefined) return ok(`${dir} is not there yet; it is made when it is needed`);
  if (!statSync(dir).isDirectory()) {
    return failed(`${dir} is a file, not a folder`, 'Move it away, or set STAGER_CONFIG_DIR to a folder.');
  }
  if (dirMode & 0o022) return failed(`others may write to ${dir}`, `chmod 700 ${shellQuote(dir)}`);
  const secrets = [credentialsFile(dir), pendingLoginsFile(dir)];
  const open = secrets.find((secret) => (modeOf(secret) ?? 0) & 0o077);
  if (open) return failed(`others may read ${open}`, `chmod 600 ${shellQuote(open)}`);
  for (const file of [...secrets, settingsFile(dir)]) {
    if (modeOf(file) !== undefined && !canRead(file)) {
      return failed(`${file} cannot be read`, `Check who owns it: ls -l ${file}`);
    }
  }
  return ok(`${dir} is yours alone`);
}

function modeOf(path: string): number | undefined {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats ? stats.mode & 0o777 : undefined;
}

function canRead(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}

export function checkNetwork(env: Env): Finding {
  const extra = env['NODE_EXTRA_CA_CERTS'];
  if (extra && !canRead(extra)) {
    return failed(
      `NODE_EXTRA_CA_CERTS names ${extra}, which cannot be read`,
      'Correct the path, or unset it.',
    );
  }
  const { httpProxy, httpsProxy, noProxy } = proxySettings(env);
  for (const proxy of [httpProxy, httpsProxy]) {
    const url = proxy === undefined ? undefined : URL.parse(proxy);
    if (url === null || (url && !/^https?:$/.test(url.protocol))) {
      return failed(
        'the proxy of the environment is not an http address',
        'Set HTTPS_PROXY like http://proxy:3128',
      );
    }
  }
  if (env['NODE_TLS_REJECT_UNAUTHORIZED'] === '0') {
    return warning(
      'certificates are not checked at all',
      'Unset NODE_TLS_REJECT_UNAUTHORIZED; use NODE_EXTRA_CA_CERTS.',
    );
  }
  const proxy = httpsProxy ?? httpProxy;
  const parts = [
    // Without user and password.
    proxy ? `through the proxy ${new URL(proxy).host}` : 'no proxy',
    ...(proxy && noProxy ? [`except for ${noProxy}`] : []),
    ...(extra ? [`with the CA certificates of ${extra}`] : []),
  ];
  return ok(parts.join(', '));
}
