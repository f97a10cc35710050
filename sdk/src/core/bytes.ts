/**
 * The same bytes, with a limit on every wait for more of them; the time that the reader takes does not count.
 * @param idleMs milliseconds without a byte after which the controller is aborted
 * @param release called once, when it is over
 */
export function timedBody(
  source: ReadableStream<Uint8Array>,
  idleMs: number,
  controller: AbortController,
  release: () => void,
): ReadableStream<Uint8Array> {
  const reader = source.getReader();
  return new ReadableStream<Uint8Array>(
    {
      async pull(sink) {
        const timer = setTimeout(() => controller.abort('timeout'), idleMs);
        try {
          const { done, value } = await reader.read();
          if (!done) return sink.enqueue(value);
          release();
          sink.close();
        } catch (error) {
          release();
          throw error;
        } finally {
          clearTimeout(timer);
        }
      },
      cancel(reason) {
        release();
        return reader.cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
}

/**
 * A body that is read in pieces, so that its progress can be seen.
 * @param onSent gets the bytes handed over so far
 */
export function slicedBody(bytes: Uint8Array, onSent: (sent: number) => void): ReadableStream<Uint8Array> {
  const SLICE = 256 * 1024;
  let at = 0;
  return new ReadableStream<Uint8Array>(
    {
      pull(sink) {
        onSent(at);
        if (at >= bytes.length) return sink.close();
        sink.enqueue(bytes.subarray(at, at + SLICE));
        at = Math.min(bytes.length, at + SLICE);
      },
    },
    { highWaterMark: 0 },
  );
}
