import { randomUUID } from 'node:crypto';
import { createReadStream, type Dirent } from 'node:fs';
import { opendir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isSegment } from './keys.ts';

/** Names that are sorted in memory at once: two megabytes. */
const RUN = 20_000;
/** Bytes that are read of each run at a time. */
const CHUNK = 16 * 1024;
/** Names of one batch of a merge. */
const BATCH = 1_000;
/**
 * A folder whose own entry is larger, in bytes, may have more names than fit a run. Every file system that tells this
 * size counts at least one byte a name; one that tells none is read as if there were many.
 */
const SMALL_FOLDER = 50_000;

/** Whether a name is wanted: a folder as what stands in keys, with the slash. */
export type Wanted = (name: string) => boolean;

/** All names of a small folder, sorted; `large` when they may be many. */
export async function smallFolder(path: string, wanted: Wanted): Promise<string[] | 'large'> {
  const { size } = await stat(path);
  if (size === 0 || size > SMALL_FOLDER) return 'large';
  return (await readdir(path, { withFileTypes: true })).flatMap((entry) => nameOf(entry, wanted)).sort();
}

/**
 * Names of a folder of any size in the order of their bytes, batch by batch. Folders are read in no order: what does not
 * fit the memory is sorted in runs, which lie in `scratch` until they are merged.
 * @param run names of a run
 */
export async function* largeFolder(
  path: string,
  wanted: Wanted,
  scratch: string,
  run = RUN,
): AsyncGenerator<string[]> {
  const spilled: string[] = [];
  let names: string[] = [];
  try {
    for await (const entry of await opendir(path, { bufferSize: BATCH })) {
      names.push(...nameOf(entry, wanted));
      if (names.length < run) continue;
      spilled.push(await spill(names.sort(), scratch));
      names = [];
    }
    // Names are ASCII, so code units are bytes.
    names.sort();
    if (spilled.length === 0) yield names;
    else yield* merge([...spilled.map(readSpilled), once(names)]);
  } finally {
    await Promise.all(spilled.map((file) => rm(file, { force: true })));
  }
}

/** What others put into the store is not of it. Folders sort as in keys: `a-b` is before `a/b`, and `a0` behind it. */
function nameOf(entry: Dirent, wanted: Wanted): string[] {
  const isFolder = entry.isDirectory();
  if (!isSegment(entry.name) || !(isFolder || entry.isFile())) return [];
  const name = isFolder ? `${entry.name}/` : entry.name;
  return wanted(name) ? [name] : [];
}

async function spill(names: readonly string[], scratch: string): Promise<string> {
  const file = join(scratch, `list-${randomUUID()}`);
  await writeFile(file, names.join('\n'), { mode: 0o600, flag: 'wx' });
  return file;
}

async function* readSpilled(file: string): AsyncGenerator<string[]> {
  let rest = '';
  for await (const chunk of createReadStream(file, {
    encoding: 'latin1',
    highWaterMark: CHUNK,
  }) as AsyncIterable<string>) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    yield lines;
  }
  yield [rest];
}

async function* once(names: string[]): AsyncGenerator<string[]> {
  yield names;
}

interface Run {
  readonly source: AsyncGenerator<string[]>;
  names: string[];
  at: number;
}

async function* merge(sources: readonly AsyncGenerator<string[]>[]): AsyncGenerator<string[]> {
  const runs: Run[] = sources.map((source) => ({ source, names: [], at: 0 }));
  // The smallest name is the first's; the others stand in a heap behind it.
  const heap: Run[] = [];
  try {
    for (const run of runs) if (await fill(run)) push(heap, run);
    let batch: string[] = [];
    for (let run = heap[0]; run; run = heap[0]) {
      batch.push(head(run));
      run.at += 1;
      if (run.at < run.names.length || (await fill(run))) sink(heap, 0);
      else pop(heap);
      if (batch.length < BATCH) continue;
      yield batch;
      batch = [];
    }
    yield batch;
  } finally {
    await Promise.all(runs.map(({ source }) => source.return(undefined)));
  }
}

async function fill(run: Run): Promise<boolean> {
  do {
    const next = await run.source.next();
    if (next.done) return false;
    run.names = next.value;
    run.at = 0;
  } while (run.names.length === 0);
  return true;
}

function head(run: Run | undefined): string {
  return run?.names[run.at] ?? '';
}

function push(heap: Run[], run: Run): void {
  heap.push(run);
  for (let at = heap.length - 1; at > 0; ) {
    const above = (at - 1) >> 1;
    if (head(heap[above]) <= head(heap[at])) return;
    swap(heap, at, above);
    at = above;
  }
}

function pop(heap: Run[]): void {
  const last = heap.pop();
  if (!last || heap.length === 0) return;
  heap[0] = last;
  sink(heap, 0);
}

function sink(heap: Run[], from: number): void {
  for (let at = from; ; ) {
    const [left, right] = [2 * at + 1, 2 * at + 2];
    let least = at;
    if (left < heap.length && head(heap[left]) < head(heap[least])) least = left;
    if (right < heap.length && head(heap[right]) < head(heap[least])) least = right;
    if (least === at) return;
    swap(heap, at, least);
    at = least;
  }
}

function swap(heap: Run[], a: number, b: number): void {
  const [x, y] = [heap[a], heap[b]];
  if (x && y) [heap[a], heap[b]] = [y, x];
}
