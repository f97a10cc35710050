import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { pathParams, type RouteSpec } from '../../server/src/contract/route.ts';

export interface RouteFile {
  /** File name without its ending. */
  readonly file: string;
  readonly routes: readonly RouteSpec[];
}

/** Reads every file of the route folder itself, so that a new one needs no registry to be found. */
export async function loadRoutes(folder: string): Promise<RouteFile[]> {
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts') && name !== 'index.ts')
    .sort();
  const loaded: RouteFile[] = [];
  for (const name of files) {
    const module: Record<string, unknown> = await import(pathToFileURL(join(folder, name)).href);
    const routes = Object.entries(module).map(([key, value]) => {
      if (!isRoute(value)) throw new Error(`${name} exports ${key}, which is not a route: move it elsewhere`);
      if (value.name !== key) throw new Error(`${name}: route ${value.name} is exported as ${key}`);
      return value;
    });
    loaded.push({ file: name.replace(/\.ts$/, ''), routes });
  }
  checkRoutes(loaded.flatMap(({ routes }) => routes));
  return loaded;
}

function isRoute(value: unknown): value is RouteSpec {
  return (
    typeof value === 'object' && value !== null && 'method' in value && 'path' in value && 'success' in value
  );
}

/** What the types cannot say about a route. All violations at once. */
export function checkRoutes(routes: readonly RouteSpec[]): void {
  const problems: string[] = [];
  const seen = new Map<string, string>();
  for (const route of routes) {
    const wrong = (what: string) => problems.push(`${route.name}: ${what}`);
    for (const key of [route.name, `${route.method} ${route.path.replaceAll(/:\w+/g, ':')}`]) {
      if (seen.has(key)) wrong(`${key} is taken by ${seen.get(key)}`);
      seen.set(key, route.name);
    }
    const inPath = pathParams(route.path).sort().join(', ');
    const declared = Object.keys(route.params?.shape ?? {})
      .sort()
      .join(', ');
    if (inPath !== declared) wrong(`the path names (${inPath}), params (${declared})`);
    if (route.method === 'POST' && route.path.startsWith('/v1/') && !route.idempotent) {
      wrong('a POST needs an idempotency mode');
    }
    if (route.method !== 'POST' && route.idempotent) wrong('only a POST takes an Idempotency-Key');
    if (route.scope === null && route.role !== null) wrong('a role needs a token, so it needs a scope');
    if (route.method === 'GET' && route.body) wrong('a GET has no body');
    if ((route.success.status === 204) !== (route.success.schema === null))
      wrong('204 and no schema go together');
  }
  if (problems.length > 0) throw new Error(`The route table is not sound:\n  ${problems.join('\n  ')}`);
}
