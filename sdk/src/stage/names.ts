const ENDINGS: Readonly<Record<string, string>> = {
  'image/jpeg': 'jpg',
  'image/png': 'png',
  'image/webp': 'webp',
  'image/avif': 'avif',
  'image/heic': 'heic',
  'application/json': 'json',
};

/** A relative POSIX path of plain parts: nothing that leaves the folder, or that a file system would not take. */
export function cleanName(name: string): string {
  const parts = name
    .replaceAll('\\', '/')
    .split('/')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
    .map((part) => part.replaceAll(/[\x00-\x1f\x7f<>:"|?*]/g, '_').trim())
    .filter((part) => part !== '' && part !== '.' && part !== '..');
  return parts.join('/') || 'photo';
}

/** Gives each its first candidate that nobody else has, case ignored, or the last with a number. */
export function uniqueNames(candidates: readonly (readonly [string, ...string[]])[]): string[] {
  const counts = new Map<string, number>();
  const fold = (name: string) => name.toLowerCase();
  for (const list of candidates) {
    for (const name of new Set(list.map(fold))) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const taken = new Set<string>();
  return candidates.map((list) => {
    const alone = list.find((name) => counts.get(fold(name)) === 1 && !taken.has(fold(name)));
    const last = list.at(-1) ?? list[0];
    let name = alone ?? last;
    for (let n = 2; taken.has(fold(name)); n += 1) name = numbered(last, n);
    taken.add(fold(name));
    return name;
  });
}

function numbered(name: string, n: number): string {
  return name.replace(/(\.[^./]*)?$/, (ending) => ` (${n})${ending}`);
}

/**
 * What the results of each file are called, without output and ending: its name less its own ending. Where two would
 * be the same (`hall.jpg` and `hall.png`), both keep theirs.
 */
export function outputStems(names: readonly string[]): string[] {
  const stems = names.map((name) => name.replace(/\.[A-Za-z0-9]{1,5}$/, '') || name);
  return uniqueNames(stems.map((stem, i) => [stem, names[i] ?? stem] as const));
}

/** Relative POSIX path of one result. The first variation has no number. */
export function outputName(stem: string, output: string, contentType: string, variation: number): string {
  const safe = output.replaceAll(/[^A-Za-z0-9_-]/g, '_') || 'output';
  const number = variation > 0 ? `.${variation + 1}` : '';
  return `${stem}.${safe}${number}.${ENDINGS[contentType] ?? 'bin'}`;
}
