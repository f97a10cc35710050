import { describe, expect, test } from 'vitest';
import { speak } from '../testing/inProcess.ts';
import { startLoginApi } from '../testing/loginApi.ts';
import { tempDir } from '../testing/tempDir.ts';
import type { Login } from './credentials.ts';
import type { Identity } from './identity.ts';
import { adviseOnRole, adviseOnScope } from './missingPermission.ts';

const byLogin: Identity = { source: 'login' };
const login = (asked: string | undefined, scope = 'openid offline_access account:read'): Login => ({
  issuer: 'https://id.example.com/',
  clientId: 'cli',
  accessToken: 'a',
  refreshToken: 'r',
  expiresAt: 0,
  scope,
  ...(asked === undefined ? {} : { asked }),
});
const token: Login = { token: 'stgp_x', principal: 'p', scope: 'account:read images:read', expiresAt: null };

describe('what gets a missing scope', () => {
  test.each<[string, Identity, Login | undefined, string, string, string | undefined]>([
    [
      'a login that asked for less',
      byLogin,
      login('openid offline_access account:read'),
      'images:write',
      'was not asked',
      'stager login --scope account:read,images:write',
    ],
    [
      'a login of before scopes were kept',
      byLogin,
      login(undefined),
      'images:write',
      'was not asked',
      'stager login',
    ],
    ['no login at all', byLogin, undefined, 'images:write', 'was not asked', 'stager login'],
    [
      'a login that asked and was not given it',
      byLogin,
      login('openid offline_access account:read members:write'),
      'members:write',
      'Ask an owner or admin',
      'stager members list',
    ],
    [
      'a scope for operators',
      byLogin,
      login('openid offline_access account:read admin:read'),
      'admin:read',
      'whoever runs this installation',
      undefined,
    ],
    [
      'a token that is kept',
      byLogin,
      token,
      'images:write',
      'personal access token lacks',
      'stager tokens create --name new --scope account:read,images:read,images:write',
    ],
    [
      'a token of the environment',
      { source: 'STAGER_TOKEN', token: 'stgp_x' },
      undefined,
      'images:write',
      'name those that it has as well',
      'stager tokens create --name new --scope images:write',
    ],
    [
      'another token of the environment',
      { source: 'STAGER_TOKEN', token: 'eyJ' },
      undefined,
      'images:write',
      'STAGER_TOKEN lacks',
      'stager login',
    ],
    [
      'a token, and what no token can have',
      byLogin,
      token,
      'tokens:write',
      'No personal access token',
      'stager login',
    ],
    [
      'a machine client',
      { source: 'STAGER_CLIENT_ID', clientId: 'ci', clientSecret: 's' },
      undefined,
      'images:write',
      'Machine to Machine',
      undefined,
    ],
  ])('%s', (_name, identity, stored, scope, hint, command) => {
    const advice = adviseOnScope({ scope, identity, login: stored });
    expect(advice.hint).toContain(hint);
    expect(advice.hint).toContain(scope);
    expect(advice.next.map((step) => step.command)).toEqual(command === undefined ? [] : [command]);
  });
});

test.each([
  ['owner', 'ask one of its owners', ['stager members list']],
  ['admin', 'whoever runs this installation', []],
])('the role %s', (role, hint, commands) => {
  const advice = adviseOnRole(role);
  expect(advice.hint).toContain(hint);
  expect(advice.next.map(({ command }) => command)).toEqual(commands);
});

test('the command line prints the scope and the command, and the command gets it', async () => {
  const api = await startLoginApi();
  api.scopes = ['account:read', 'images:read', 'images:write'];
  api.granted = api.scopes;
  const env = { STAGER_API_URL: api.url, STAGER_CONFIG_DIR: tempDir() };
  await speak(['login', '--scope', 'images:read'], env);
  api.missing = 'images:write';
  const { code, stderr } = await speak(['whoami'], env);
  expect(code).toBe(4);
  expect(stderr).toContain('error: This needs the scope images:write.');
  const command = /stager (login --scope \S+)/.exec(stderr)?.[1] ?? '';
  expect(command).toContain('images:write');
  api.missing = undefined;
  expect((await speak(command.split(' '), env)).code).toBe(0);
  expect(api.issuer.deviceRequests.at(-1)?.get('scope')).toBe(
    'openid offline_access account:read images:read images:write',
  );
});
