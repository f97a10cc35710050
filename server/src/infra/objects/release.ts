/**
 * Gives the memory of a piece that nobody reads again back at once. Left to the collector, pieces from a socket would
 * have it walk through the whole heap for every 20 MB that arrive, which takes longer than to hash them. Memory that
 * others may have a part of stays.
 */
export function release({ buffer, byteLength }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0);
}
