import type { ReconcileKind, ReconcileProgress } from '../../contract/index.ts';
import type {
  Bucket,
  Checkpoint,
  ClaimedRun,
  NewFinding,
  Objects,
  ReconcileStore,
} from '../../ports/index.ts';
import { addFindings, FIRST_CHECKPOINT } from './findings.ts';
import type { Subscriptions } from './subscriptions.ts';

/** Milliseconds between two checkpoints. */
const SAVE_MS = 1_000;

export interface ReconcileDeps {
  readonly store: ReconcileStore;
  readonly objects: Objects;
  /** How long a run stays with a worker that gives no sign of life, milliseconds. */
  readonly leaseMs: number;
  /** Null where nobody takes money. */
  readonly subscriptions: Subscriptions | null;
}

/** The run is somebody else's by now, or is to end. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
  readonly why: 'cancel' | 'lost';
  constructor(why: Interrupted['why']) {
    super(`The run was interrupted: ${why}.`);
    this.why = why;
  }
}

/** The store has what its listing does not: nothing can be concluded from what is not listed. */
export class ListingIncomplete extends Error {
  override readonly name = 'ListingIncomplete';
}

/** One scan under way: what it has seen, and what it has found and not written yet. */
export class Scan {
  readonly deps: ReconcileDeps;
  readonly run: ClaimedRun;
  readonly signal: AbortSignal;
  /** When the walk began, by the clock of the database, milliseconds since 1970. */
  readonly now: number;
  readonly #expected: number;
  #checkpoint: Checkpoint;
  #phase = 'waiting';
  #savedAt = Number.NEGATIVE_INFINITY;
  #fresh: NewFinding[] = [];
  /** Counted since the checkpoint. */
  readonly seen = { rows: 0, objects: 0, sideRows: 0, sideObjects: 0 };
  readonly #sentinels: Set<Bucket>;

  constructor(deps: ReconcileDeps, run: ClaimedRun, signal: AbortSignal, now: Date, expected: number) {
    this.deps = deps;
    this.run = run;
    this.signal = signal;
    this.now = now.getTime();
    this.#checkpoint = run.checkpoint ?? FIRST_CHECKPOINT;
    this.#sentinels = new Set(this.#checkpoint.sentinelsSeen);
    this.#expected = expected;
  }

  get checkpoint(): Checkpoint {
    return this.#checkpoint;
  }

  get progress(): ReconcileProgress {
    const rows = this.#checkpoint.rows + this.seen.rows;
    const objects = this.#checkpoint.objects + this.seen.objects;
    const expected = Math.max(this.#expected, rows + objects);
    return { phase: this.#phase, rows, objects, expected, done: 0 };
  }

  wants(kind: ReconcileKind): boolean {
    return this.run.kinds === null || this.run.kinds.includes(kind);
  }

  /** Whether something that was made then is looked at. */
  covers(madeAt: Date): boolean {
    return this.run.since === null || madeAt >= this.run.since;
  }

  begin(phase: string): void {
    this.#phase = phase;
  }

  find(finding: NewFinding): void {
    if (this.wants(finding.kind)) this.#fresh.push(finding);
  }

  sawSentinel(bucket: Bucket): void {
    this.#sentinels.add(bucket);
  }

  hasSeenSentinel(bucket: Bucket): boolean {
    return this.#sentinels.has(bucket);
  }

  /** Whether it is time for a checkpoint. */
  get isDue(): boolean {
    return performance.now() - this.#savedAt >= SAVE_MS;
  }

  /** All of this phase up to `after` was looked at. @throws Interrupted */
  async save(after: string, phase = this.#checkpoint.phase): Promise<void> {
    const fresh = this.#fresh;
    const { rows, objects, sides } = this.#checkpoint;
    const next = addFindings(
      {
        ...this.#checkpoint,
        phase,
        after,
        rows: rows + this.seen.rows,
        objects: objects + this.seen.objects,
        sides: { rows: sides.rows + this.seen.sideRows, objects: sides.objects + this.seen.sideObjects },
        sentinelsSeen: [...this.#sentinels],
      },
      fresh,
    );
    const { store, leaseMs } = this.deps;
    const hold = await store.saveScan(this.run, next, this.progress, fresh, leaseMs);
    if (hold === 'lost') throw new Interrupted('lost');
    this.#checkpoint = next;
    this.#fresh = [];
    Object.assign(this.seen, { rows: 0, objects: 0, sideRows: 0, sideObjects: 0 });
    this.#savedAt = performance.now();
    if (hold === 'cancel') throw new Interrupted('cancel');
  }
}
