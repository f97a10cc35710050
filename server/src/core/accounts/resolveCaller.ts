import type { Caller, MembershipRow, NewAudit, Store, Tx } from '../../ports/index.ts';
import { DomainError, suspended } from '../errors.ts';
import { newId } from '../ids.ts';
import { remember } from './boundedMap.ts';
import { isMachine } from './principals.ts';

/** How long a membership may be out of date: suspensions and removals take effect within it. */
const MEMBERSHIP_TTL_MS = 5_000;
const CACHE_MAX = 10_000;

export interface ResolvedCaller extends Caller {
  readonly account: MembershipRow['account'];
}

export interface CallerResolver {
  /** @throws DomainError `no_account`, `account_suspended` */
  resolve(principal: string, options?: ResolveOptions): Promise<ResolvedCaller>;
  /**
   * Whether a caller still is a member of the account that they were resolved to. Makes nobody an account: whoever was
   * removed may have one of their own by now, which is another one.
   */
  mayStill(caller: Caller): Promise<boolean>;
  /** After a change of memberships in this process, which then takes effect at once here. */
  forget(principal: string): void;
}

export interface ResolveOptions {
  /** Whether a first request may make an account: a login may, a token that outlived a membership may not. */
  readonly signUp?: boolean;
}

interface Options {
  readonly store: Store;
  readonly now: () => number;
  /** Whether a person who is seen for the first time gets an account. Machine clients never do. */
  readonly openSignup: boolean;
}

export function createCallerResolver({ store, now, openSignup }: Options): CallerResolver {
  const cache = new Map<string, { at: number; member: Promise<MembershipRow | undefined> }>();
  const signUps = new Map<string, Promise<MembershipRow | undefined>>();

  function keep(principal: string, member: Promise<MembershipRow | undefined>) {
    remember(cache, CACHE_MAX, principal, { at: now(), member });
    member.catch(() => cache.delete(principal));
    return member;
  }

  /** Only reads. */
  function find(principal: string): Promise<MembershipRow | undefined> {
    const held = cache.get(principal);
    if (held && now() - held.at < MEMBERSHIP_TTL_MS) return held.member;
    return keep(principal, store.read.accounts.findByPrincipal(principal));
  }

  async function findOrSignUp(principal: string, may: boolean): Promise<MembershipRow | undefined> {
    const member = await find(principal);
    if (member || !openSignup || !may || isMachine(principal)) return member;
    // First requests come in parallel: they share one sign-up.
    const running = signUps.get(principal);
    if (running) return running;
    const made = signUp(store, principal).finally(() => signUps.delete(principal));
    signUps.set(principal, made);
    return keep(principal, made);
  }

  return {
    async mayStill({ principal, accountId }) {
      const member = await find(principal);
      return member?.account.id === accountId && !member.account.suspendedAt;
    },

    forget: (principal) => void cache.delete(principal),

    async resolve(principal, { signUp = true } = {}) {
      const member = await findOrSignUp(principal, signUp);
      if (!member) {
        throw new DomainError(
          'no_account',
          `${principal} belongs to no account. Ask its owner for an invitation.`,
        );
      }
      if (member.account.suspendedAt) throw suspended(member.account.id);
      return { accountId: member.account.id, principal, role: member.role, account: member.account };
    },
  };
}

/** Two first requests at once make one account: the loser of the race reads the winner's. */
function signUp(store: Store, principal: string): Promise<MembershipRow | undefined> {
  const id = newId('acc');
  const make = async (tx: Tx) => {
    if (!(await tx.idempotency.tryLock('signup', 'signup', principal))) {
      throw beingMade();
    }
    const there = await tx.accounts.findByPrincipal(principal);
    if (there) return there;
    await tx.accounts.create(id, { name: principal, plan: 'free' });
    if (!(await tx.members.add(id, { id: newId('mem'), principal, role: 'owner' }))) throw beingMade();
    await tx.audit.add(id, [signUpEntry(principal, id)]);
    return tx.accounts.findByPrincipal(principal);
  };
  return store.account(id).transaction(make);
}

function beingMade(): DomainError {
  return new DomainError('unavailable', 'Your account is being made. Try again.', { retryAfter: 1 });
}

function signUpEntry(principal: string, objectId: string): NewAudit {
  const nothing = { credential: null, detail: null, requestId: null };
  return { ...nothing, principal, role: 'owner', action: 'account.create', objectId };
}
