/** An image as the database has it when its round is over. */
export interface ImageFacts {
  readonly id: string;
  readonly state: string;
  readonly outputs: readonly OutputFacts[];
}

export interface OutputFacts {
  readonly name: string;
  readonly key: string;
  readonly sha256: string;
  /** Hash of what its link gives to a customer. */
  readonly found: string | undefined;
}

export interface EventFacts {
  readonly seq: number;
  readonly type: string;
  readonly imageId: string;
}

export interface RoundFacts {
  /** What the client was told to have made. */
  readonly accepted: readonly string[];
  /** What the round has made in the database. */
  readonly images: readonly ImageFacts[];
  /** Rows behind the place where the reader began. */
  readonly events: readonly EventFacts[];
  /** What the reader heard, in its order. */
  readonly heard: readonly EventFacts[];
  /** What the account's counter has numbered since. */
  readonly numbered: number;
  /** Keys of all outputs in the pixel store. */
  readonly stored: readonly string[];
  /** Jobs that did not end, outbox entries that nobody took. */
  readonly waiting: readonly string[];
}

/** What a fault may cost. */
export interface Allowance {
  /** Images may end in error: what they need was not to be had. */
  readonly errors?: boolean;
}

/** What must be true of a round when its fault is over. Answers with what is not. */
export function judgeRound(facts: RoundFacts, allowed: Allowance): string[] {
  return [
    ...judgeAcceptance(facts),
    ...facts.images.flatMap((image) => judgeImage(image, facts, allowed)),
    ...judgeEvents(facts),
    ...judgeStore(facts),
    ...facts.waiting,
  ];
}

function judgeAcceptance({ accepted, images }: RoundFacts): string[] {
  const made = new Set(images.map(({ id }) => id));
  const told = new Set(accepted);
  return [
    ...(told.size === accepted.length ? [] : ['the client was told of an image twice']),
    ...accepted.filter((id) => !made.has(id)).map((id) => `${id}: was accepted and is not there`),
    ...[...made].filter((id) => !told.has(id)).map((id) => `${id}: was made, and nobody was told`),
  ];
}

const ENDS = ['image.ready', 'image.error'];

function judgeImage(
  { id, state, outputs }: ImageFacts,
  { events }: RoundFacts,
  allowed: Allowance,
): string[] {
  const types = events.filter(({ imageId }) => imageId === id).map(({ type }) => type);
  const ends = types.filter((type) => ENDS.includes(type));
  const folders = new Set(outputs.map(({ key }) => folderOf(key)));
  const faults: string[] = [];
  if (state !== 'ready' && state !== 'error') faults.push(`is ${state}`);
  if (state === 'error' && !allowed.errors) faults.push('is in error, which this fault does not excuse');
  if (ends.length !== 1 || types.at(-1) !== `image.${state}`)
    faults.push(`its events are ${types.join(', ')}`);
  if (types[0] !== 'image.queued') faults.push(`begins with ${types[0]}`);
  if ((state === 'ready') !== outputs.length > 0) faults.push(`is ${state} with ${outputs.length} outputs`);
  if (folders.size > 1) faults.push('has outputs of more than one attempt');
  for (const { name, sha256, found } of outputs)
    if (found !== sha256) faults.push(`its output ${name} is not what was published`);
  return faults.map((fault) => `${id}: ${fault}`);
}

/** Each row was heard once and in order, and nothing else; numbers have no gap. */
function judgeEvents({ events, heard, numbered }: RoundFacts): string[] {
  const faults: string[] = [];
  if (events.length !== numbered) faults.push(`${numbered} events were numbered, ${events.length} are there`);
  const times = Map.groupBy(heard, ({ seq }) => seq);
  for (const { seq, type, imageId } of events) {
    const count = times.get(seq)?.length ?? 0;
    if (count !== 1) faults.push(`${imageId}: ${type} (${seq}) was heard ${count} times`);
  }
  const rows = new Set(events.map(({ seq }) => seq));
  for (const { seq, type } of heard)
    if (!rows.has(seq)) faults.push(`${type} (${seq}) was heard and never written`);
  if (heard.some(({ seq }, at) => at > 0 && seq <= (heard[at - 1]?.seq ?? 0)))
    faults.push('events were heard out of order');
  return faults;
}

/**
 * An output belongs to an image that has it. Others are left only of an attempt that was cut off: whoever stored them died,
 * or a write that was given up came through behind its removal. Nobody sees those, and reconciliation finds them.
 */
function judgeStore({ images, events, stored }: RoundFacts): string[] {
  const published = new Set(images.flatMap(({ outputs }) => outputs.map(({ key }) => key)));
  const keys = new Set(stored);
  const missing = [...published].filter((key) => !keys.has(key)).map((key) => `${key} is not in the store`);
  const attempts = events.filter(({ type }) => type === 'image.processing');
  const tried = Map.groupBy(attempts, ({ imageId }) => imageId);
  const orphans = stored.filter((key) => !published.has(key) && tried.get(imageOf(key))?.length === 1);
  return [...missing, ...orphans.map((key) => `${key} was stored, and no image has it`)];
}

/** `outputs/ACCOUNT/IMAGE/LEASE/NAME` */
function imageOf(key: string): string {
  return key.split('/')[2] ?? '';
}

function folderOf(key: string): string {
  return key.slice(0, key.lastIndexOf('/'));
}
