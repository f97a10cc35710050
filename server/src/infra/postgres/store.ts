import type { Store, Tx } from '../../ports/index.ts';
import { accountsOn } from './accounts.ts';
import { auditOn } from './audit.ts';
import { billingOn } from './billing.ts';
import { browserSessionsOn } from './browserSessions.ts';
import { contactsOn } from './contacts.ts';
import { type Database, type DatabaseOptions, openDatabase, type TransactionSql } from './database.ts';
import { eventsOn } from './events.ts';
import { idempotencyOn } from './idempotency.ts';
import { imagesOn } from './images.ts';
import { invitationsOn } from './invitations.ts';
import { jobsOn } from './jobs.ts';
import { membersOn } from './members.ts';
import { originalsOn } from './originals.ts';
import { outboxOn } from './outbox.ts';
import { stripeOn } from './payments/requests.ts';
import { projectsOn } from './projects.ts';
import { createSql, type Sql } from './sql.ts';
import { ticketsOn } from './tickets.ts';
import { tokensOn } from './tokens.ts';
import { uploadsOn } from './uploads.ts';

export type StoreOptions = Pick<DatabaseOptions, 'url' | 'pool'> & Partial<DatabaseOptions>;

/** Store of the API: requests are short, so are its patience and its transactions. */
export function createPostgresStore(options: StoreOptions): Store {
  return storeOn(
    openDatabase({
      applicationName: 'stager-api',
      statementTimeoutMs: 15_000,
      idleInTransactionMs: 15_000,
      ...options,
    }),
  );
}

function storeOn(db: Database): Store {
  return {
    transaction: (run, options) =>
      db.transaction(
        (tx) => run(options?.account === undefined ? ofAnyAccount(tx) : repositories(tx)),
        options,
      ),
    read: byOwner((owner) => repositories(owner === undefined ? db.pool : db.of(owner))),
    account: (account) => ({
      read: repositories(db.of(account)),
      transaction: (run, options) => db.transaction((tx) => run(repositories(tx)), { ...options, account }),
    }),
    check: db.check,
    close: db.close,
  };
}

/** A transaction that follows the owners of its calls: into the account, or out of one into another. */
function ofAnyAccount(db: TransactionSql): Tx {
  const tx = repositories(db);
  let entered: string | undefined;
  return byOwner(async (owner) => {
    if (owner !== undefined && owner !== entered) await db.enter(owner);
    entered = owner ?? entered;
    return tx;
  });
}

/** Calls that name no owner: what they look for leads to one, or belongs to none. */
const OWNERLESS = new Set([
  'accounts.findByPrincipal',
  'browserSessions.findBySecret',
  'invitations.findBySecret',
  'tokens.findBySecret',
  'outbox.add',
  'stripe.addEvent',
]);

/** All repositories; each call is made on what `bind` gives for its owner. */
function byOwner(bind: (owner: string | undefined) => Tx | Promise<Tx>): Tx {
  // Only its names are used.
  const names = repositories(createSql(unused, { late: unused, nested: unused }));
  const groups = Object.entries(names).map(([group, methods]) => [
    group,
    Object.fromEntries(
      Object.keys(methods).map((method) => [
        method,
        async (...args: unknown[]) => {
          const owner = OWNERLESS.has(`${group}.${method}`) ? undefined : String(args[0]);
          // Group and method are names of the very object that they are looked up in.
          const tx = (await bind(owner)) as unknown as Repositories;
          return tx[group]?.[method]?.(...args);
        },
      ]),
    ),
  ]);
  // Every name of a `Tx` is there, each with the arguments and the answer of the method that it stands for.
  return Object.fromEntries(groups) as Tx;
}

type Repositories = Record<string, Record<string, (...args: unknown[]) => Promise<unknown>>>;

function unused(): never {
  throw new Error('this repository is not connected');
}

export function repositories(db: Sql): Tx {
  return {
    accounts: accountsOn(db),
    members: membersOn(db),
    invitations: invitationsOn(db),
    contacts: contactsOn(db),
    tokens: tokensOn(db),
    billing: billingOn(db),
    stripe: stripeOn(db),
    browserSessions: browserSessionsOn(db),
    tickets: ticketsOn(db),
    projects: projectsOn(db),
    uploads: uploadsOn(db),
    originals: originalsOn(db),
    images: imagesOn(db),
    jobs: jobsOn(db),
    events: eventsOn(db),
    outbox: outboxOn(db),
    audit: auditOn(db),
    idempotency: idempotencyOn(db),
  };
}
