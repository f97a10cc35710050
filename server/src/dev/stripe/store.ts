import { randomBytes } from 'node:crypto';
import { chmodSync, closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type Stripe from 'stripe';
import { noSuch } from './errors.ts';

/** A card that somebody has typed in. Only what is told of it is kept, and how it behaves. */
export interface FakeCard {
  readonly id: string;
  readonly customer: string;
  readonly last4: string;
  readonly behaviour: 'pays' | 'fails_later';
}

/** A meter event that was accepted. */
export interface Metered {
  readonly id: string;
  readonly customer: string;
  readonly event_name: string;
  readonly value: number;
  readonly timestamp: number;
  /** Whether an invoice has it. */
  readonly billed: boolean;
}

/** Everything that is kept, by the prefix of its ids. */
export interface Kinds {
  customer: Stripe.Customer;
  product: Stripe.Product;
  price: Stripe.Price;
  checkout: Stripe.Checkout.Session;
  portal: Stripe.BillingPortal.Session;
  configuration: Stripe.BillingPortal.Configuration;
  subscription: Stripe.Subscription;
  schedule: Stripe.SubscriptionSchedule;
  invoice: Stripe.Invoice;
  charge: Stripe.Charge;
  meter: Stripe.Billing.Meter;
  metered: Metered;
  endpoint: Stripe.WebhookEndpoint;
  event: Stripe.Event;
  card: FakeCard;
}
export type Kind = keyof Kinds;

const PREFIX: Readonly<Record<Kind, string>> = {
  customer: 'cus',
  product: 'prod',
  price: 'price',
  checkout: 'cs_test',
  portal: 'bps',
  configuration: 'bpc',
  subscription: 'sub',
  schedule: 'sub_sched',
  invoice: 'in',
  charge: 'ch',
  meter: 'mtr_test',
  metered: 'mev',
  endpoint: 'we',
  event: 'evt',
  card: 'pm',
};

const SCHEMA = `
  create table if not exists object (
    seq integer primary key, kind text not null, id text not null, owner text, payload text not null,
    unique (kind, id)
  ) strict;
  create index if not exists object_owner on object (kind, owner, seq);
  create table if not exists answer (
    key text primary key, request text not null, status integer not null, body text not null, at integer not null
  ) strict;
  create table if not exists delivery (
    seq integer primary key, event text not null, attempts integer not null default 0, due_at integer not null
  ) strict;
  create table if not exists setting (name text primary key, value text not null) strict;
`;
const SCHEMA_VERSION = 1;

export interface Delivery {
  readonly seq: number;
  readonly event: string;
  readonly attempts: number;
  readonly dueAt: number;
}

/** What the fake remembers, also over restarts. */
export class FakeStore {
  readonly #db: DatabaseSync;
  #depth = 0;

  /** @throws Error when the file is of a newer version, or no SQLite file */
  constructor(file: string) {
    mkdirSync(dirname(file), { recursive: true });
    // Made before SQLite does, for the mode.
    closeSync(openSync(file, 'a', 0o600));
    chmodSync(file, 0o600);
    this.#db = new DatabaseSync(file, { timeout: 2000 });
    this.#db.exec('pragma journal_mode = wal; pragma synchronous = normal');
    const version = Number(this.#db.prepare('pragma user_version').get()?.['user_version']);
    if (version > SCHEMA_VERSION) {
      this.#db.close();
      throw new Error(`${file} is of a newer version of stager; move it away to start without payments.`);
    }
    this.#db.exec(`${SCHEMA} pragma user_version = ${SCHEMA_VERSION}`);
  }

  /** All or nothing. */
  together<T>(run: () => T): T {
    if (this.#depth > 0) return run();
    this.#db.exec('begin immediate');
    this.#depth = 1;
    try {
      const result = run();
      this.#db.exec('commit');
      return result;
    } catch (error) {
      this.#db.exec('rollback');
      throw error;
    } finally {
      this.#depth = 0;
    }
  }

  newId(kind: Kind): string {
    return `${PREFIX[kind]}_${randomBytes(12).toString('hex')}`;
  }

  /** @param owner what it is listed by: mostly a customer */
  put<K extends Kind>(kind: K, object: Kinds[K], owner: string | null = null): Kinds[K] {
    this.#db
      .prepare(
        `insert into object (kind, id, owner, payload) values (?, ?, ?, ?)
         on conflict (kind, id) do update set payload = excluded.payload, owner = coalesce(excluded.owner, owner)`,
      )
      .run(kind, object.id, owner, JSON.stringify(object));
    return object;
  }

  find<K extends Kind>(kind: K, id: string): Kinds[K] | undefined {
    const row = this.#db.prepare('select payload from object where kind = ? and id = ?').get(kind, id);
    return row && read(row);
  }

  /** @throws StripeFault 404 */
  get<K extends Kind>(kind: K, id: string, param?: string): Kinds[K] {
    const found = this.find(kind, id);
    if (!found) throw noSuch(kind === 'checkout' ? 'checkout.session' : kind, id, param);
    return found;
  }

  /** Newest first. */
  list<K extends Kind>(kind: K, owner?: string): Kinds[K][] {
    const rows =
      owner === undefined
        ? this.#db.prepare('select payload from object where kind = ? order by seq desc').all(kind)
        : this.#db
            .prepare('select payload from object where kind = ? and owner = ? order by seq desc')
            .all(kind, owner);
    return rows.map((row) => read(row));
  }

  remove(kind: Kind, id: string): void {
    this.#db.prepare('delete from object where kind = ? and id = ?').run(kind, id);
  }

  findAnswer(key: string): { request: string; status: number; body: string } | undefined {
    const row = this.#db.prepare('select request, status, body from answer where key = ?').get(key);
    return (
      row && { request: String(row['request']), status: Number(row['status']), body: String(row['body']) }
    );
  }

  keepAnswer(key: string, answer: { request: string; status: number; body: string }): void {
    const { request, status, body } = answer;
    this.#db
      .prepare('insert into answer (key, request, status, body, at) values (?, ?, ?, ?, ?)')
      .run(key, request, status, body, Date.now());
  }

  addDelivery(event: string): void {
    this.#db.prepare('insert into delivery (event, due_at) values (?, ?)').run(event, Date.now());
  }

  /** In the order in which they fell due. */
  deliveries(): Delivery[] {
    return this.#db
      .prepare('select seq, event, attempts, due_at from delivery order by due_at, seq')
      .all()
      .map((row) => ({
        seq: Number(row['seq']),
        event: String(row['event']),
        attempts: Number(row['attempts']),
        dueAt: Number(row['due_at']),
      }));
  }

  postponeDelivery(seq: number, dueAt: number): void {
    this.#db.prepare('update delivery set attempts = attempts + 1, due_at = ? where seq = ?').run(dueAt, seq);
  }

  endDelivery(seq: number): void {
    this.#db.prepare('delete from delivery where seq = ?').run(seq);
  }

  setting(name: string): string | undefined {
    const row = this.#db.prepare('select value from setting where name = ?').get(name);
    return row && String(row['value']);
  }

  set(name: string, value: string): void {
    this.#db
      .prepare(
        'insert into setting (name, value) values (?, ?) on conflict (name) do update set value = excluded.value',
      )
      .run(name, value);
  }

  close(): void {
    this.#db.close();
  }
}

// Written by `put` under the same kind.
function read<T>(row: Record<string, unknown>): T {
  return JSON.parse(String(row['payload'])) as T;
}
