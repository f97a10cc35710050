import { createHash } from 'node:crypto';
import type {
  Account,
  AuditEntry,
  Catalog,
  Client,
  Deletion,
  Image,
  ImageError,
  ImageEvent,
  Invitation,
  Invoice,
  Layout,
  Member,
  Original,
  PaidPlanId,
  Plan,
  Project,
  ReconcileRun,
  StreamEvent,
  StripeEventRecord,
  Token,
  UploadFile,
  UsageEvent,
} from '../generated/types.ts';
import { FAKE_LAYOUT } from './layout.ts';
import { ACCOUNTS, OWNER } from './owner.ts';

export interface FakeUpload {
  readonly id: string;
  readonly file: UploadFile;
  readonly expiresAt: number;
  bytes: Uint8Array | undefined;
  originalId: string | undefined;
}

/** An event about an image or what is used, at its position. */
export interface StoredEvent {
  readonly id: number;
  readonly event: ImageEvent | UsageEvent;
}

export type FakeOutcome = 'ready' | 'error' | 'hold';

const DIGITS = '0123456789abcdefghjkmnpqrstvwxyz';

/** All that the fake knows; nothing outlives it. */
export class FakeState {
  readonly projects = new Map<string, Project>();
  readonly uploads = new Map<string, FakeUpload>();
  readonly originals = new Map<string, Original>();
  readonly images = new Map<string, Image>();
  /** Those that images were made of, by image. */
  readonly layouts = new Map<string, Layout>();
  /** Bytes of originals by SHA-256, of outputs by image and name. */
  readonly objects = new Map<string, Uint8Array>();
  readonly tokens = new Map<string, Token>();
  readonly members = new Map<string, Member>([[OWNER.id, OWNER]]);
  readonly invitations = new Map<string, Invitation>();
  readonly accounts = new Map<string, Account>(ACCOUNTS.map((account) => [account.id, account]));
  readonly clients = new Map<string, Client>();
  readonly stripeEvents = new Map<string, StripeEventRecord>();
  readonly runs = new Map<string, ReconcileRun>();
  /** By account, the last one. */
  readonly deletions = new Map<string, Deletion>();
  readonly audit: AuditEntry[] = [];
  /** Ids of tokens and invitations by their secret. */
  readonly secrets = new Map<string, string>();
  readonly events: StoredEvent[] = [];
  readonly catalog: Catalog;
  /** The plan in force. */
  plan: Plan['id'];
  readonly invoices: Invoice[] = [];
  /** Plans that a link was made for, the latest last. Setting `plan` is what happens when one is paid. */
  readonly checkouts: PaidPlanId[] = [];
  payAsYouGo: { enabled: boolean; cap: number | null } = { enabled: false, cap: null };
  readonly #listeners = new Set<(stored: StoredEvent) => void>();
  #ids = 0;
  #oldest = 1;

  constructor(catalog: Catalog, plan: Plan['id']) {
    this.catalog = catalog;
    this.plan = plan;
  }

  /** A new id; sorts by age. */
  id(prefix: 'prj' | 'upl' | 'org' | 'img' | 'tok' | 'mem' | 'inv' | 'aud' | 'rec' | 'del'): string {
    this.#ids += 1;
    let rest = this.#ids;
    let tail = '';
    for (let i = 0; i < 26; i += 1) {
      tail = DIGITS.charAt(rest % 32) + tail;
      rest = Math.floor(rest / 32);
    }
    return `${prefix}_${tail}`;
  }

  /** Positions that can still be resumed from: `oldest - 1` to `head`. */
  get range(): { oldest: number; head: number } {
    return { oldest: this.#oldest, head: this.events.at(-1)?.id ?? this.#oldest - 1 };
  }

  /** Forgets all events up to now, as retention does after some days. */
  forgetEvents(): void {
    this.#oldest = this.range.head + 1;
    this.events.length = 0;
  }

  onEvent(listener: (stored: StoredEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Changes an image and tells it, as one. */
  change(
    imageId: string,
    type: ImageEvent['type'],
    change: Partial<Image>,
    more: Partial<ImageEvent> = {},
  ): Image {
    const before = this.images.get(imageId);
    if (!before) throw new Error(`the fake has no image ${imageId}`);
    const image: Image = { ...before, ...change, updatedAt: new Date().toISOString() };
    if (type === 'image.deleted') this.images.delete(imageId);
    else this.images.set(imageId, image);
    const { id, projectId, state, attempts: attempt } = image;
    this.#append({ type, imageId: id, projectId, state, attempt, at: image.updatedAt, ...more });
    return image;
  }

  insert(image: Image): void {
    this.images.set(image.id, image);
    const { id, projectId, state, createdAt: at } = image;
    this.#append({ type: 'image.queued', imageId: id, projectId, state, attempt: 0, at });
  }

  /** Tells that most, or all, of the plan is used. */
  tell(event: UsageEvent): void {
    this.#append(event);
  }

  #append(event: StoredEvent['event']): void {
    const stored = { id: this.range.head + 1, event };
    this.events.push(stored);
    for (const listener of this.#listeners) listener(stored);
  }
}

export interface EventFilter {
  readonly projectId: string | undefined;
  readonly imageId: string | undefined;
}

export function matches(
  { projectId, imageId }: EventFilter,
  image: { projectId: string | null; imageId: string | null },
): boolean {
  return (
    (projectId === undefined || projectId === image.projectId) &&
    (imageId === undefined || imageId === image.imageId)
  );
}

/** Moves an image on: to `processing`, halfway, and to its end. */
export function work(state: FakeState, imageId: string, step: number, outcome: FakeOutcome): boolean {
  const image = state.images.get(imageId);
  if (!image || (image.state !== 'queued' && image.state !== 'processing') || outcome === 'hold')
    return false;
  if (step === 0) {
    state.change(imageId, 'image.processing', { state: 'processing', attempts: image.attempts + 1 });
    return true;
  }
  if (step === 1) {
    state.change(imageId, 'image.progress', {}, { progress: 0.5, stage: 'rendering' });
    return true;
  }
  finish(state, image, outcome);
  return false;
}

export function finish(state: FakeState, image: Image, outcome: 'ready' | 'error'): Image {
  if (outcome === 'error') {
    const error: ImageError = {
      code: 'engine_failed',
      message: 'The engine failed.',
      hint: null,
      retryable: true,
    };
    return state.change(image.id, 'image.error', { state: 'error', error }, { error });
  }
  const original = state.originals.get(image.originalId);
  const bytes = state.objects.get(original?.sha256 ?? '');
  const engine = state.catalog.engines.find(({ name }) => name === image.engine);
  const outputs = (engine?.outputs ?? []).flatMap(({ name, contentType: type }) => {
    if (!original || !bytes) return [];
    const { contentType, width, height } = original;
    const isLayout = type === 'application/json';
    const stored = isLayout ? layoutBytes(state.layouts.get(image.id)) : bytes;
    state.objects.set(`${image.id}.${name}`, stored);
    const sha256 = isLayout ? createHash('sha256').update(stored).digest('hex') : original.sha256;
    return [{ name, contentType: isLayout ? type : contentType, size: stored.length, sha256, width, height }];
  });
  return state.change(image.id, 'image.ready', { state: 'ready', outputs, error: null });
}

/** What was sent, or an example. */
function layoutBytes(layout: Layout = FAKE_LAYOUT): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(layout, undefined, 2)}\n`);
}

export const UNFINISHED: ReadonlySet<string> = new Set(['queued', 'processing']);

export function snapshot(state: FakeState, filter: EventFilter, max: number): StreamEvent {
  const images = [...state.images.values()].filter(
    (image) =>
      UNFINISHED.has(image.state) && matches(filter, { projectId: image.projectId, imageId: image.id }),
  );
  return { type: 'snapshot', images: images.slice(0, max), truncated: images.length > max };
}
