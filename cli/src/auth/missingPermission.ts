import { TOKEN_SCOPES } from '@stager/sdk';
import type { NextStep } from '../errors.ts';
import { shellQuote } from '../io/text.ts';
import { isTokenLogin, type Login } from './credentials.ts';
import type { Identity } from './identity.ts';
import { isPersonalToken } from './maskToken.ts';

export interface MissingScope {
  readonly scope: string;
  readonly identity: Identity;
  /** The stored login, when that is in use. */
  readonly login: Login | undefined;
}

export interface Advice {
  readonly hint: string;
  readonly next: readonly NextStep[];
}

/** How whoever acts comes by a role: somebody has to give it. */
export function adviseOnRole(role: string): Advice {
  return role === 'admin'
    ? { hint: 'It is for whoever runs this installation.', next: [] }
    : {
        hint: `It is for those who have the role ${role} in the account: ask one of its owners.`,
        next: [OWNERS_STEP],
      };
}

const OWNERS_STEP: NextStep = { command: 'stager members list', when: 'to see who the owners are' };

/** How whoever acts comes by a scope that is missing: it depends on the credential. */
export function adviseOnScope({ scope, identity, login }: MissingScope): Advice {
  switch (identity.source) {
    case 'STAGER_TOKEN':
      return isPersonalToken(identity.token)
        ? anotherToken(scope, [])
        : {
            hint: `STAGER_TOKEN lacks the scope ${scope}: it is settled when a token is issued.`,
            next: [LOGIN_INSTEAD],
          };
    case 'STAGER_CLIENT_ID':
      return {
        hint:
          `The machine client ${identity.clientId} lacks the scope ${scope}. Allow it at the identity provider: in ` +
          'Auth0, Applications > APIs > this API > Machine to Machine Applications.',
        next: [],
      };
    case 'login':
      if (login && isTokenLogin(login)) return anotherToken(scope, words(login.scope));
      return anotherLogin(scope, login);
  }
}

const words = (text: string) => text.split(' ').filter((word) => word !== '');

const LOGIN_INSTEAD: NextStep = { command: 'stager login', when: 'to log in as a person instead' };

/** A token can be given no scope after it was made. @param held what the present one has, as far as that is known */
function anotherToken(scope: string, held: readonly string[]): Advice {
  if (!TOKEN_SCOPES.some((one) => one === scope)) {
    return { hint: `No personal access token can have the scope ${scope}.`, next: [LOGIN_INSTEAD] };
  }
  const all = [...held.filter((one) => one !== scope), scope].join(',');
  return {
    hint:
      `The personal access token lacks the scope ${scope}, and keeps the scopes that it was made with` +
      `${held.length > 0 ? '' : '; name those that it has as well'}.`,
    next: [
      {
        command: `stager tokens create --name new --scope ${shellQuote(all)}`,
        when: 'to make a token that has it, logged in as a person',
      },
    ],
  };
}

function anotherLogin(scope: string, login: Exclude<Login, { token: string }> | undefined): Advice {
  const asked = login?.asked === undefined ? undefined : words(login.asked);
  if (!asked?.includes(scope)) {
    // A login that asked for less than all asks for what it has and for this: nothing else comes in unseen.
    const held = words(login?.scope ?? '').filter((one) => one.includes(':'));
    const narrowed = asked !== undefined && held.length > 0;
    return {
      hint: `The login was not asked to grant the scope ${scope}.`,
      next: [
        {
          command: narrowed
            ? `stager login --scope ${shellQuote([...held, scope].join(','))}`
            : 'stager login',
          when: 'to log in again and grant it',
        },
      ],
    };
  }
  if (scope.startsWith('admin:')) {
    return {
      hint: `The login asked for the scope ${scope} and was not given it: it is for whoever runs this installation.`,
      next: [],
    };
  }
  return {
    hint:
      `The login asked for the scope ${scope} and was not given it: your role does not have it. Ask an owner or admin ` +
      'of the account for the role, then log in again.',
    next: [OWNERS_STEP],
  };
}
