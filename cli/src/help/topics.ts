import { EXIT_MEANINGS } from '../exit.ts';

export interface Variable {
  readonly name: string;
  readonly about: string;
}

export const VARIABLES: readonly Variable[] = [
  { name: 'STAGER_API_URL', about: 'address of the API' },
  { name: 'STAGER_TOKEN', about: 'access token; wins over every other way to log in' },
  { name: 'STAGER_CLIENT_ID', about: 'machine client, with STAGER_CLIENT_SECRET: for CI' },
  { name: 'STAGER_CLIENT_SECRET', about: 'its secret' },
  { name: 'STAGER_PROFILE', about: 'profile to use' },
  { name: 'STAGER_CONFIG_DIR', about: 'folder of settings and logins (default ~/.config/stager)' },
  { name: 'STAGER_DEBUG', about: 'when set, errors come with their stack' },
  { name: 'NO_COLOR', about: 'when set, no colour; FORCE_COLOR asks for it' },
  { name: 'CI', about: 'when set, no prompts, no animation, no browser' },
  { name: 'HTTPS_PROXY', about: 'proxy for the API, the login and the photos; also HTTP_PROXY and NO_PROXY' },
  { name: 'NODE_EXTRA_CA_CERTS', about: 'file with further CA certificates, as of a company proxy' },
];

const environment = [
  'Environment variables',
  '',
  ...VARIABLES.map(({ name, about }) => `  ${name.padEnd(22)}${about}`),
  '',
  'A flag wins over the environment, the environment over the profile, the profile',
  'over the default. `stager config list` shows what is in force and from where.',
].join('\n');

const exitCodes = [
  'Exit codes',
  '',
  ...Object.entries(EXIT_MEANINGS).map(([code, meaning]) => `  ${code.padEnd(5)}${meaning}`),
  '',
  'Under --json a failure prints {"error": {"code", "message", "hint", "requestId",',
  '"docsUrl", "retryable", "next": [{"command", "when"}]}} on stdout.',
].join('\n');

/** What `stager help TOPIC` prints. */
export const topics: Readonly<Record<string, string>> = { environment, 'exit-codes': exitCodes };
