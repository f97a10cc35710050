/**
 * Admits tasks in order of arrival while the bytes they announce fit. A task above the whole budget runs alone.
 * @param total bytes that may be held at once
 */
export function createByteBudget(total: number) {
  let free = total;
  const waiting: { need: number; start: () => void }[] = [];

  function admit(): void {
    for (let next = waiting[0]; next && next.need <= free; next = waiting[0]) {
      waiting.shift();
      free -= next.need;
      next.start();
    }
  }

  return async function run<T>(bytes: number, task: () => Promise<T>): Promise<T> {
    const need = Math.min(bytes, total);
    await new Promise<void>((start) => {
      waiting.push({ need, start });
      admit();
    });
    try {
      return await task();
    } finally {
      free += need;
      admit();
    }
  };
}
