import type { Caller, MembershipRow, Store } from '../../ports/index.ts';
import { DomainError } from '../errors.ts';
import { newId } from '../ids.ts';
import { remember } from './boundedMap.ts';

/** How long a membership may be out of date: suspensions and removals take effect within it. */
const MEMBERSHIP_TTL_MS = 5_000;
const CACHE_MAX = 10_000;

export interface ResolvedCaller extends Caller {
  readonly account: MembershipRow['account'];
}

export interface CallerResolver {
  /** @throws DomainError `no_account`, `account_suspended` */
  resolve(principal: string): Promise<ResolvedCaller>;
  /**
   * Whether a caller still is a member of the account that they were resolved to. Makes nobody an account: whoever was
   * removed may have one of their own by now, which is another one.
   */
  mayStill(caller: Caller): Promise<boolean>;
}

interface Options {
  readonly store: Store;
  readonly now: () => number;
  /** Whether a person who is seen for the first time gets an account. Machine clients never do. */
  readonly openSignup: boolean;
}

/** Auth0's subject of a client that acts for itself. */
const MACHINE_SUFFIX = '@clients';

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

  async function findOrSignUp(principal: string): Promise<MembershipRow | undefined> {
    const member = await find(principal);
    if (member || !openSignup || principal.endsWith(MACHINE_SUFFIX)) return member;
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

    async resolve(principal) {
      const member = await findOrSignUp(principal);
      if (!member) {
        throw new DomainError(
          'no_account',
          `${principal} belongs to no account. Ask its owner for an invitation.`,
        );
      }
      if (member.account.suspendedAt) {
        throw new DomainError(
          'account_suspended',
          `Account ${member.account.id} is suspended. Ask support why.`,
        );
      }
      return { accountId: member.account.id, principal, role: member.role, account: member.account };
    },
  };
}

/** Two first requests at once make one account: the loser of the race reads the winner's. */
function signUp(store: Store, principal: string): Promise<MembershipRow | undefined> {
  return store.transaction(async (tx) => {
    if (!(await tx.idempotency.tryLock('signup', 'signup', principal))) {
      throw new DomainError('unavailable', 'Your account is being made. Try again.', { retryAfter: 1 });
    }
    const there = await tx.accounts.findByPrincipal(principal);
    if (there) return there;
    const id = newId('acc');
    await tx.accounts.create({ id, name: principal, plan: 'free' });
    await tx.accounts.addMember(id, principal, 'owner');
    await tx.audit.add(id, [{ principal, action: 'account.create', objectId: id, requestId: null }]);
    return tx.accounts.findByPrincipal(principal);
  });
}
