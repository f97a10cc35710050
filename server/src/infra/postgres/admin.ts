import type {
  AdminAccountRow,
  AdminStore,
  AdminTx,
  AuditFilter,
  AuditRow,
  ClientRow,
} from '../../ports/index.ts';
import { accountsOn } from './accounts.ts';
import { auditOn } from './audit.ts';
import { billingOn } from './billing.ts';
import { contactsOn } from './contacts.ts';
import { openDatabase } from './database.ts';
import { idempotencyOn } from './idempotency.ts';
import { membersOn } from './members.ts';
import { deletionsOn } from './operators/deletions.ts';
import { adminJobsOn } from './operators/jobs.ts';
import { statsOn } from './operators/stats.ts';
import { outboxOn } from './outbox.ts';
import { behind, toPage } from './pages.ts';
import { stripeEventsOn } from './payments/admin.ts';
import { paymentFiguresOn } from './payments/figures.ts';
import { reconcileOn } from './reconcile/admin.ts';
import { first, type Sql, type Statement, sql } from './sql.ts';
import type { StoreOptions } from './store.ts';
import { tokensOn } from './tokens.ts';

/** Store of the operators: its role sees all accounts. */
export function createPostgresAdminStore(options: StoreOptions): AdminStore {
  const db = openDatabase({
    applicationName: 'stager-admin',
    statementTimeoutMs: 15_000,
    idleInTransactionMs: 15_000,
    ...options,
  });
  return {
    transaction: (run) => db.transaction((tx) => run(adminTx(tx))),
    check: db.check,
    close: db.close,
  };
}

function adminTx(db: Sql): AdminTx {
  return {
    accounts: adminAccountsOn(db),
    clients: clientsOn(db),
    log: {
      list: (filter, page) => listAudit(db, filter, page),
      eraseOrigins: (principal) => eraseOrigins(db, principal),
    },
    billing: billingOn(db),
    deletions: deletionsOn(db),
    jobs: adminJobsOn(db),
    stats: statsOn(db),
    members: membersOn(db),
    tokens: tokensOn(db),
    contacts: contactsOn(db),
    audit: auditOn(db),
    idempotency: idempotencyOn(db),
    outbox: outboxOn(db),
    stripeEvents: stripeEventsOn(db),
    payments: paymentFiguresOn(db),
    reconcile: reconcileOn(db),
  };
}

const ACCOUNT = sql`id, name, plan, suspended_at AS "suspendedAt", created_at AS "createdAt"`;

function adminAccountsOn(db: Sql): AdminTx['accounts'] {
  return {
    async list(suspended, page) {
      const which = suspended === undefined ? sql`` : isSuspended(suspended);
      const rows = await db.rows<AdminAccountRow>(sql`
        SELECT ${ACCOUNT} FROM accounts WHERE TRUE ${which} ${behind(page, sql`id`)}
         ORDER BY id DESC ${first(page.limit + 1)}`);
      return toPage(rows, page.limit);
    },

    async get(id) {
      const [row] = await db.rows<AdminAccountRow>(sql`SELECT ${ACCOUNT} FROM accounts WHERE id = ${id}`);
      return row;
    },

    findByPrincipal: accountsOn(db).findByPrincipal,
    create: accountsOn(db).create,

    async setSuspended(id, suspended) {
      const changed = await db.run(sql`
        UPDATE accounts SET suspended_at = CASE WHEN ${suspended}::boolean THEN now() END
         WHERE id = ${id} ${isSuspended(!suspended)}`);
      return changed > 0;
    },

    async setPlan(id, plan) {
      await db.run(sql`UPDATE accounts SET plan = ${plan} WHERE id = ${id}`);
    },
  };
}

function isSuspended(suspended: boolean): Statement {
  return suspended ? sql`AND suspended_at IS NOT NULL` : sql`AND suspended_at IS NULL`;
}

function clientsOn(db: Sql): AdminTx['clients'] {
  return {
    async list(accountId, page) {
      const rows = await db.rows<ClientRow>(sql`
        SELECT id, principal, name, created_at AS "createdAt" FROM members
         WHERE account_id = ${accountId} AND principal LIKE '%@clients' ${behind(page, sql`id`)}
         ORDER BY id DESC ${first(page.limit + 1)}`);
      return toPage(rows, page.limit);
    },

    async add(accountId, { id, principal, name }) {
      const added = await db.run(sql`
        INSERT INTO members (account_id, id, principal, role, name)
        VALUES (${accountId}, ${id}, ${principal}, 'member', ${name})
        ON CONFLICT (principal) DO NOTHING`);
      return added > 0;
    },
  };
}

/** Longer than any transaction lasts, from its begin to the last row that it writes. */
const LONGEST_TRANSACTION = sql`interval '1 hour'`;
const AUDIT_PREFIX = 'aud_';

interface Found extends Omit<AuditRow, 'id' | 'credential'> {
  readonly id: string;
  readonly credentialKind: NonNullable<AuditRow['credential']>['kind'] | null;
  readonly credentialId: string | null;
}

async function listAudit(db: Sql, filter: AuditFilter, page: { limit: number; after: string | null }) {
  const after = page.after === null ? null : BigInt(page.after.slice(AUDIT_PREFIX.length)).toString();
  const rows = await db.rows<Found>(sql`
    SELECT id, account_id AS "accountId", principal, role, credential_kind AS "credentialKind",
           credential_id AS "credentialId", action, object_id AS "objectId", detail, request_id AS "requestId", at,
           (SELECT o.ip FROM audit_origins o WHERE o.audit_id = audit.id) AS ip
      FROM audit
     WHERE TRUE ${matches(filter)} ${behind({ ...page, after }, sql`id`)}
     ORDER BY id DESC ${first(page.limit + 1)}`);
  return toPage(rows.map(toAuditRow), page.limit);
}

async function eraseOrigins(db: Sql, principal: string): Promise<{ accountId: string; count: number }[]> {
  return db.rows(sql`
    WITH gone AS (
      DELETE FROM audit_origins o USING audit a WHERE a.principal = ${principal} AND o.audit_id = a.id
      RETURNING o.account_id)
    SELECT account_id AS "accountId", count(*)::integer AS count FROM gone GROUP BY account_id`);
}

function matches({ account, principal, object, action, since }: AuditFilter): Statement {
  const is = (column: Statement, value: string | undefined) =>
    value === undefined ? sql`` : sql`AND ${column} = ${value}`;
  return sql`${is(sql`account_id`, account)} ${is(sql`principal`, principal)} ${is(sql`object_id`, object)}
    ${is(sql`action`, action)} ${since === undefined ? sql`` : notBefore(since)}`;
}

/**
 * Numbers follow time but for transactions under way: the walk along them ends safely before what was asked for.
 * The sum of nothing keeps the planner from fetching by time and sorting.
 */
function notBefore(since: Date): Statement {
  return sql`AND at + interval '0' >= ${since} AND id > coalesce(
    (SELECT id FROM audit WHERE at < ${since}::timestamptz - ${LONGEST_TRANSACTION} ORDER BY at DESC LIMIT 1), 0)`;
}

function toAuditRow({ id, credentialKind, credentialId, ...row }: Found): AuditRow {
  const credential = credentialKind === null ? null : { kind: credentialKind, id: credentialId };
  return { ...row, credential, id: `${AUDIT_PREFIX}${id.padStart(26, '0')}` };
}
