import type {
  Account,
  AuditEntry,
  Client,
  ClientInput,
  Deletion,
  DeletionInput,
  StripeEventRecord,
} from '../generated/types.ts';
import type { Handlers } from './handlers.ts';
import { FAKE_ACCOUNT, OWNER } from './owner.ts';
import { page } from './paging.ts';
import { FakeProblem } from './problems.ts';
import type { FakeState } from './state.ts';

/** Accounts of the installation, their machine clients, and the audit log of what is done with them. */
export const adminHandlers: Handlers = {
  listAccounts({ state }, { query }) {
    const wanted = query['state'];
    const all = [...state.accounts.values()].filter(
      ({ suspendedAt }) => !wanted || (wanted === 'suspended') === (suspendedAt !== null),
    );
    return page(all, query);
  },
  getAccount: ({ state }, { params }) => findAccount(state, params['accountId']),
  suspendAccount({ state }, { params, body }) {
    const account = findAccount(state, params['accountId']);
    if (account.id === FAKE_ACCOUNT.id) {
      throw new FakeProblem('invalid_state', 'This is your own account: you could not undo it.');
    }
    // The route table says so; the fake believes its callers, as a compiler has checked them.
    const { reason } = body as { reason: string };
    record(state, account.id, 'account.suspend', account.id, reason);
    return change(state, { ...account, suspendedAt: account.suspendedAt ?? new Date().toISOString() });
  },
  resumeAccount({ state }, { params }) {
    const account = findAccount(state, params['accountId']);
    if (isOrdered(state, account.id)) throw new FakeProblem('invalid_state', 'It is being deleted.');
    record(state, account.id, 'account.resume', account.id, null);
    return change(state, { ...account, suspendedAt: null });
  },
  deleteAccount({ state }, { params, body }) {
    const account = findAccount(state, params['accountId']);
    const ordered = state.deletions.get(account.id);
    if (ordered && isOrdered(state, account.id)) return ordered;
    if (account.id === FAKE_ACCOUNT.id) throw new FakeProblem('invalid_state', 'This is your own account.');
    const { name, graceDays = 0 } = body as DeletionInput;
    if (name !== account.name) {
      throw new FakeProblem('invalid_request', 'body.name is not what the account is called, to the letter.');
    }
    change(state, { ...account, suspendedAt: account.suspendedAt ?? new Date().toISOString() });
    record(state, account.id, 'account.delete', account.id, null);
    return keepDeletion(state, {
      id: state.id('del'),
      accountId: account.id,
      state: 'scheduled',
      requestedBy: OWNER.principal,
      requestedAt: new Date().toISOString(),
      dueAt: new Date(Date.now() + Math.max(30_000, graceDays * 86_400_000)).toISOString(),
      startedAt: null,
      lastLookAt: null,
      finishedAt: null,
      rows: {},
      objects: { count: 0, bytes: 0, keysSha256: null },
    });
  },
  listAccountDeletions: ({ state }, { query }) => page([...state.deletions.values()], query),
  getAccountDeletion: ({ state }, { params }) => findDeletion(state, params['accountId']),
  cancelAccountDeletion({ state }, { params }) {
    const deletion = findDeletion(state, params['accountId']);
    if (deletion.state !== 'scheduled' && deletion.state !== 'canceled') {
      throw new FakeProblem('invalid_state', 'It has begun, and cannot be taken back.');
    }
    record(state, deletion.accountId, 'account.keep', deletion.accountId, null);
    return keepDeletion(state, { ...deletion, state: 'canceled' });
  },
  listClients({ state }, { params, query }) {
    const { id } = findAccount(state, params['accountId']);
    return page(
      [...state.clients.values()].filter(({ accountId }) => accountId === id),
      query,
    );
  },
  registerClient({ state }, { params, body }) {
    const { id: accountId } = findAccount(state, params['accountId']);
    const { clientId, name } = body as ClientInput;
    const taken = [...state.clients.values()].find((client) => client.clientId === clientId);
    if (taken)
      throw new FakeProblem('already_member', `Client ${clientId} acts for account ${taken.accountId}.`);
    const client: Client = {
      id: state.id('mem'),
      clientId,
      name,
      accountId,
      createdAt: new Date().toISOString(),
    };
    state.clients.set(client.id, client);
    record(state, accountId, 'client.register', client.id, clientId);
    return client;
  },
  removeClient({ state }, { params }) {
    const client = state.clients.get(params['clientId'] ?? '');
    if (!client || client.accountId !== params['accountId']) {
      throw new FakeProblem('not_found', 'There is no such machine client in the account.');
    }
    state.clients.delete(client.id);
    record(state, client.accountId, 'client.remove', client.id, null);
    return undefined;
  },
  getPayments({ state }) {
    const waiting = (wanted: StripeEventRecord['state']) =>
      [...state.stripeEvents.values()].filter((event) => event.state === wanted).length;
    return {
      stripe: { answers: true, trouble: null, apiVersion: 'fake', live: false, missingPrices: [] },
      webhookSecret: true,
      events: {
        received: waiting('received'),
        unknown: waiting('unknown'),
        parked: waiting('parked'),
        lastReceivedAt: null,
        oldestWaitingAt: null,
      },
      reports: { waiting: 0, parked: 0, oldestWaitingAt: null },
      comparison: null,
    };
  },
  listStripeEvents({ state }, { query }) {
    const { state: wanted = 'parked' } = query;
    return page(
      [...state.stripeEvents.values()].filter((event) => event.state === wanted),
      query,
    );
  },
  retryStripeEvent: ({ state }, { params }) => endStripeEvent(state, params['eventId'], 'received'),
  ignoreStripeEvent: ({ state }, { params }) => endStripeEvent(state, params['eventId'], 'ignored'),
  listAudit({ state }, { query }) {
    const { account, principal, object, action, since } = query;
    const all = state.audit.filter(
      (entry) =>
        (!account || entry.accountId === account) &&
        (!principal || entry.principal === principal) &&
        (!object || entry.objectId === object) &&
        (!action || entry.action === action) &&
        (!since || entry.at >= since),
    );
    return page(all, query);
  },
};

function findAccount(state: FakeState, id: string | undefined): Account {
  const account = state.accounts.get(id ?? '');
  if (!account) throw new FakeProblem('not_found', `There is no account ${id}.`);
  return account;
}

/** A deletion of the fake goes no further by itself: a test puts it where it wants to have it. */
function keepDeletion(state: FakeState, deletion: Deletion): Deletion {
  state.deletions.set(deletion.accountId, deletion);
  return deletion;
}

function findDeletion(state: FakeState, id = ''): Deletion {
  const deletion = state.deletions.get(id);
  if (!deletion) throw new FakeProblem('not_found', `No deletion of an account ${id} was ordered.`);
  return deletion;
}

function isOrdered({ deletions }: FakeState, id: string): boolean {
  const deletion = deletions.get(id);
  return deletion !== undefined && deletion.state !== 'canceled';
}

function change(state: FakeState, account: Account): Account {
  state.accounts.set(account.id, account);
  return account;
}

function record(
  state: FakeState,
  accountId: string,
  action: string,
  objectId: string,
  detail: string | null,
): void {
  const entry: AuditEntry = {
    id: state.id('aud'),
    accountId,
    principal: OWNER.principal,
    role: 'admin',
    credential: { kind: 'login', id: 'stager-cli' },
    action,
    objectId,
    detail,
    requestId: null,
    ip: null,
    at: new Date().toISOString(),
  };
  state.audit.push(entry);
}

function endStripeEvent(
  state: FakeState,
  id: string | undefined,
  now: 'received' | 'ignored',
): StripeEventRecord {
  const event = state.stripeEvents.get(id ?? '');
  if (!event) throw new FakeProblem('not_found', 'There is no such event.');
  if (event.state === 'handled') throw new FakeProblem('invalid_state', 'The event was handled.');
  const endedAt = now === 'ignored' ? new Date().toISOString() : null;
  const changed = { ...event, state: now, endedAt };
  state.stripeEvents.set(event.id, changed);
  return changed;
}
