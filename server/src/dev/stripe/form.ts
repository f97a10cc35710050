import { StripeFault } from './errors.ts';

export type FormValue = string | readonly FormValue[] | { readonly [key: string]: FormValue };
export type Form = Readonly<Record<string, FormValue>>;

/** Deepest nesting that any request of ours has, and one in reserve. */
const DEPTH = 6;

type Building = Map<string, string | Building>;

/**
 * What a body or a query of Stripe holds: `items[0][price]=x` is `{items: [{price: 'x'}]}`.
 * @throws StripeFault when a name is no such name, or stands for a value and for more below it
 */
export function parseForm(text: string): Form {
  const root: Building = new Map();
  for (const [name, value] of new URLSearchParams(text)) put(root, pathOf(name), value, name);
  // A root is an object, whatever its names are.
  return Object.fromEntries([...root].map(([key, below]) => [key, finish(below)]));
}

function pathOf(name: string): string[] {
  const [, first, rest = ''] = /^([^[\]]+)((?:\[[^[\]]*\])*)$/.exec(name) ?? [];
  if (first === undefined) throw new StripeFault(400, `Invalid parameter name: ${name}`, { param: name });
  return [first, ...[...rest.matchAll(/\[([^[\]]*)\]/g)].map(([, key = '']) => key)];
}

function put(root: Building, path: readonly string[], value: string, name: string): void {
  const wrong = () => new StripeFault(400, `Invalid parameter: ${name}`, { param: name });
  if (path.length > DEPTH) throw wrong();
  let at = root;
  for (const [index, part] of path.entries()) {
    // `expand[]=a&expand[]=b`: each is one more.
    const key = part === '' ? String(at.size) : part;
    const present = at.get(key);
    if (index === path.length - 1) {
      if (present !== undefined) throw wrong();
      at.set(key, value);
    } else if (present === undefined) {
      const next: Building = new Map();
      at.set(key, next);
      at = next;
    } else if (typeof present === 'string') {
      throw wrong();
    } else {
      at = present;
    }
  }
}

function finish(value: string | Building): FormValue {
  if (typeof value === 'string') return value;
  const keys = [...value.keys()];
  if (keys.every((key, at) => key === String(at))) return [...value.values()].map(finish);
  return Object.fromEntries([...value].map(([key, below]) => [key, finish(below)]));
}
