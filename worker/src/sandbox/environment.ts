/** What a child needs to run at all. Everything else may be a secret, so it is not on the list. */
const PASSED = ['TMPDIR', 'TEMP', 'TMP', 'SystemRoot', 'LD_LIBRARY_PATH', 'NODE_V8_COVERAGE'];

/** The same on every machine: results must not depend on a time zone. Two arenas keep glibc from hoarding memory. */
const FIXED = { TZ: 'UTC', MALLOC_ARENA_MAX: '2' };

type Environment = Readonly<Record<string, string | undefined>>;

/** The environment of a child: an allow-list of the parent's, and what the pool's owner adds by name. */
export function childEnvironment(parent: Environment, added: Environment = {}): Record<string, string> {
  const passed = PASSED.map((name) => [name, parent[name]] as const);
  const all = [...passed, ...Object.entries(FIXED), ...Object.entries(added)];
  return Object.fromEntries(all.filter((entry): entry is [string, string] => entry[1] !== undefined));
}
