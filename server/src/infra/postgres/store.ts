import type { Store, Tx } from '../../ports/index.ts';
import { accountsOn } from './accounts.ts';
import { auditOn } from './audit.ts';
import { contactsOn } from './contacts.ts';
import { type Database, type DatabaseOptions, openDatabase } from './database.ts';
import { eventsOn } from './events.ts';
import { idempotencyOn } from './idempotency.ts';
import { imagesOn } from './images.ts';
import { invitationsOn } from './invitations.ts';
import { jobsOn } from './jobs.ts';
import { membersOn } from './members.ts';
import { originalsOn } from './originals.ts';
import { outboxOn } from './outbox.ts';
import { projectsOn } from './projects.ts';
import type { Sql } from './sql.ts';
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
    transaction: (run, options) => db.transaction((tx) => run(repositories(tx)), options),
    read: repositories(db.pool),
    check: db.check,
    close: db.close,
  };
}

export function repositories(db: Sql): Tx {
  return {
    accounts: accountsOn(db),
    members: membersOn(db),
    invitations: invitationsOn(db),
    contacts: contactsOn(db),
    tokens: tokensOn(db),
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
