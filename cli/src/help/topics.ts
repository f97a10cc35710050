import { EXIT_MEANINGS } from '../exit.ts';
import { wrap } from '../io/text.ts';

export interface Variable {
  readonly name: string;
  readonly about: string;
}

export const VARIABLES: readonly Variable[] = [
  { name: 'STAGER_API_URL', about: 'address of the API' },
  {
    name: 'STAGER_TOKEN',
    about: 'access token or personal access token; wins over every other way to log in',
  },
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

/** Where credentials come from, the first that is there wins. */
export const PRECEDENCE =
  'Credentials: STAGER_TOKEN wins over STAGER_CLIENT_ID and STAGER_CLIENT_SECRET, and these over what `stager login` ' +
  'keeps for the profile and the API. The flags --profile and --api-url choose among what is kept; no flag takes a ' +
  'secret, as command lines are seen by others. `stager whoami` says which one is in use.';

const environment = [
  'Environment variables',
  '',
  ...VARIABLES.map(({ name, about }) => {
    const lines = wrap(about, 80, ' '.repeat(24)).join('\n');
    return `  ${name.padEnd(22)}${lines.trimStart()}`;
  }),
  '',
  'A flag wins over the environment, the environment over the profile, the profile',
  'over the default. `stager config list` shows what is in force and from where.',
  '',
  ...wrap(PRECEDENCE, 80, ''),
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
