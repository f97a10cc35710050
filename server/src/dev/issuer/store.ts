import { chmodSync, closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type Adapter, type AdapterPayload, errors } from 'oidc-provider';

/**
 * Expired rows are kept this long, in seconds: a client that polls an expired device code must hear
 * `expired_token` (RFC 8628 section 3.5), not that the code never was.
 */
const GRACE_SECONDS = 3600;
const PRUNE_EVERY_MS = 300_000;
const SCHEMA_VERSION = 1;

const SCHEMA = `
  create table if not exists artifact (
    model text not null, id text not null, payload text not null,
    grant_id text, user_code text, uid text,
    consumed_at integer, expires_at integer,
    primary key (model, id)
  ) strict, without rowid;
  create index if not exists artifact_grant on artifact (grant_id) where grant_id is not null;
  create unique index if not exists artifact_user_code on artifact (model, user_code) where user_code is not null;
  create index if not exists artifact_uid on artifact (model, uid) where uid is not null;
  create index if not exists artifact_expiry on artifact (expires_at) where expires_at is not null;
  create table if not exists secret (name text primary key, value text not null) strict;
`;

/** The issuer's memory over restarts: its keys, and what the provider keeps (grants, tokens, codes, sessions). */
export interface IssuerStore {
  adapter(model: string): Adapter;
  readSecret(name: string): string | undefined;
  /** Keeps the first value that was written under a name, and returns it. */
  keepSecret(name: string, value: string): string;
  prune(): void;
  close(): void;
}

/** @throws Error when the file is of a newer version, or no SQLite file. */
export function openStore(file: string): IssuerStore {
  const db = openDatabase(file);
  const select = db.prepare('select value from secret where name = ?');
  const insert = db.prepare('insert into secret (name, value) values (?, ?) on conflict do nothing');
  const expired = db.prepare('delete from artifact where expires_at < ?');
  const prune = () => {
    expired.run(epochSeconds() - GRACE_SECONDS);
  };
  const readSecret = (name: string) => text(select.get(name)?.['value']);
  prune();
  const timer = setInterval(prune, PRUNE_EVERY_MS).unref();
  return {
    adapter: (model) => createAdapter(db, model),
    readSecret,
    keepSecret(name, value) {
      insert.run(name, value);
      return readSecret(name) ?? value;
    },
    prune,
    close() {
      clearInterval(timer);
      db.close();
    },
  };
}

function openDatabase(file: string): DatabaseSync {
  mkdirSync(dirname(file), { recursive: true });
  // Made before SQLite does, for the mode: it holds the signing key. SQLite's side files take the same mode.
  closeSync(openSync(file, 'a', 0o600));
  chmodSync(file, 0o600);
  const db = new DatabaseSync(file, { timeout: 2000 });
  try {
    db.exec('pragma journal_mode = wal; pragma synchronous = normal; pragma secure_delete = on');
    const version = Number(db.prepare('pragma user_version').get()?.['user_version']);
    if (version > SCHEMA_VERSION) throw new Error(`its version ${version} is newer than ${SCHEMA_VERSION}`);
    db.exec(`${SCHEMA} pragma user_version = ${SCHEMA_VERSION}`);
    return db;
  } catch (cause) {
    db.close();
    throw new Error(
      `the issuer cannot use its data file ${file}. Move it away to start with no logins; keep it to go back.`,
      { cause },
    );
  }
}

/** The provider's storage interface for one of its models, on the shared table. */
function createAdapter(db: DatabaseSync, model: string): Adapter {
  const upsert = db.prepare(
    `insert into artifact (model, id, payload, grant_id, user_code, uid, expires_at) values (?, ?, ?, ?, ?, ?, ?)
     on conflict (model, id) do update set payload = excluded.payload, grant_id = excluded.grant_id,
       user_code = excluded.user_code, uid = excluded.uid, expires_at = excluded.expires_at`,
  );
  const consume = db.prepare(
    'update artifact set consumed_at = ? where model = ? and id = ? and consumed_at is null',
  );
  const destroy = db.prepare('delete from artifact where model = ? and id = ?');
  const revoke = db.prepare('delete from artifact where model = ? and grant_id = ?');
  const find = (column: 'id' | 'user_code' | 'uid') =>
    db.prepare(`select payload, consumed_at from artifact where model = ? and ${column} = ?`);
  const [byId, byUserCode, byUid] = [find('id'), find('user_code'), find('uid')];
  return {
    async upsert(id, payload, expiresIn) {
      const expiresAt = expiresIn === undefined ? null : epochSeconds() + expiresIn;
      const { grantId, userCode, uid } = payload;
      const keys = [grantId ?? null, userCode ?? null, uid ?? null];
      upsert.run(model, id, JSON.stringify(payload), ...keys, expiresAt);
    },
    find: async (id) => toPayload(byId.get(model, id)),
    findByUserCode: async (userCode) => toPayload(byUserCode.get(model, userCode)),
    findByUid: async (uid) => toPayload(byUid.get(model, uid)),
    async consume(id) {
      // Decided by the row: of two requests that both found the code unused, one may go on.
      if (consume.run(epochSeconds(), model, id).changes === 0) throw new errors.InvalidGrant('already used');
    },
    async destroy(id) {
      destroy.run(model, id);
    },
    async revokeByGrantId(grantId) {
      revoke.run(model, grantId);
    },
  };
}

function toPayload(row: Record<string, unknown> | undefined): AdapterPayload | undefined {
  const payload = text(row?.['payload']);
  if (payload === undefined) return undefined;
  const consumed = row?.['consumed_at'];
  // Written by `upsert` above from a payload of this type.
  const parsed = JSON.parse(payload) as AdapterPayload;
  return typeof consumed === 'number' ? { ...parsed, consumed } : parsed;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** Seconds since the epoch, the provider's unit. */
function epochSeconds(): number {
  return Math.floor(Date.now() / 1000);
}
