/** Bytes of the smallest piece. */
const LEAST = 256 * 1024;
/** Photos that are looked at at the same time: enough to hide the way to a store, few enough to use memory again. */
const AT_ONCE = 8;
/** Bytes that are kept for the next photo. */
const IDLE_MAX = 64 * 1024 * 1024;

/** Shared, so that another thread can look at it without a copy. */
export type Memory = Buffer<SharedArrayBuffer>;

/** Lends memory of at least so many bytes, of any content, until the task ends. */
export type LendMemory = <T>(bytes: number, task: (memory: Memory) => Promise<T>) => Promise<T>;

/**
 * Admits tasks in order of arrival while the memory that they need is free. A task above all of it runs alone. The
 * memory is used again: fresh pages for every photo would cost more than reading it does.
 * @param total bytes that may be lent at once
 */
export function createMemory(total: number): LendMemory {
  let free = total;
  let running = 0;
  const waiting: { need: number; start: () => void }[] = [];
  const idle: Memory[] = [];

  function admit(): void {
    for (let next = waiting[0]; next && next.need <= free && running < AT_ONCE; next = waiting[0]) {
      waiting.shift();
      free -= next.need;
      running += 1;
      next.start();
    }
  }

  function take(size: number): Memory {
    const at = idle.findIndex(({ length }) => length === size);
    return (at < 0 ? undefined : idle.splice(at, 1)[0]) ?? Buffer.from(new SharedArrayBuffer(size));
  }

  function keep(memory: Memory): void {
    idle.push(memory);
    let held = idle.reduce((sum, { length }) => sum + length, 0);
    while (held > Math.min(IDLE_MAX, total)) held -= idle.shift()?.length ?? 0;
  }

  return async function lend(bytes, task) {
    const size = pieceSize(bytes);
    const need = Math.min(size, total);
    await new Promise<void>((start) => {
      waiting.push({ need, start });
      admit();
    });
    const memory = take(size);
    try {
      return await task(memory);
    } finally {
      keep(memory);
      free += need;
      running -= 1;
      admit();
    }
  };
}

/** Powers of two, so that a piece fits the next photo of about the same size. */
export function pieceSize(bytes: number): number {
  return Math.max(LEAST, 2 ** Math.ceil(Math.log2(Math.max(1, bytes))));
}
