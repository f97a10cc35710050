/** First code unit of a surrogate pair, and the last. */
const SURROGATES = [0xd800, 0xdfff] as const;

/**
 * Order of two keys by the bytes of their UTF-8, as S3 lists and as PostgreSQL sorts under COLLATE "C". JavaScript
 * compares code units, which is the same but for pairs of surrogates: these stand for more than any single one.
 */
export function compareKeys(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at += 1) {
    const [x, y] = [a.charCodeAt(at), b.charCodeAt(at)];
    if (x !== y) return weight(x) - weight(y);
  }
  return a.length - b.length;
}

function weight(unit: number): number {
  return unit >= SURROGATES[0] && unit <= SURROGATES[1] ? unit + 0x10000 : unit;
}
