import { existsSync, readdirSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import type { RouteFile } from './contract.ts';

export function emitRouteIndex(files: readonly RouteFile[]): string {
  const imports = files.map(({ file }) => `import * as ${identifier(file)} from './${file}.ts';`);
  const spread = files.map(({ file }) => `  ...${identifier(file)},`);
  return `// Written by \`npm run generate\` from the files of this folder.
${imports.join('\n')}

export const routes = {
${spread.join('\n')}
} as const;
`;
}

function identifier(file: string): string {
  return file.replaceAll(/[^A-Za-z0-9]+(.)/g, (_whole, next: string) => next.toUpperCase());
}

export interface EndpointFiles {
  readonly source: string;
  /** In words, one line each: routes without a file, files without a route, names that are there twice. */
  readonly problems: readonly string[];
}

/** Finds `<routeName>.ts` anywhere below the folder. A route without one is left out, which the types then refuse. */
export function emitEndpointIndex(folder: string, routeNames: readonly string[]): EndpointFiles {
  const found = new Map<string, string>();
  const problems: string[] = [];
  for (const path of endpointPaths(folder)) {
    const name = path.split('/').at(-1)?.replace(/\.ts$/, '') ?? '';
    const twin = found.get(name);
    if (!routeNames.includes(name)) problems.push(`endpoints/${path} belongs to no route of the contract`);
    else if (twin) problems.push(`route ${name} has two endpoints: ${twin} and ${path}`);
    else found.set(name, path);
  }
  for (const name of routeNames) {
    if (!found.has(name))
      problems.push(`route ${name} has no endpoint: add server/src/http/endpoints/${name}.ts`);
  }
  const sorted = [...found].sort(([, a], [, b]) => (a < b ? -1 : 1));
  const source = `// Written by \`npm run generate\` from the files of this folder.
import type { RouteName } from '../../contract/index.ts';
import type { Endpoint } from '../endpoint.ts';
${sorted.map(([name, path]) => `import ${name} from './${path}';`).join('\n')}

/** One endpoint per operation of the contract; a missing one is a type error. */
export const endpoints = {
${sorted.map(([name]) => `  ${name},`).join('\n')}
} satisfies Record<RouteName, Endpoint>;
`;
  return { source, problems };
}

function endpointPaths(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .filter((entry) => !entry.name.endsWith('.test.ts') && entry.name !== 'index.ts')
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll(sep, '/'))
    .sort();
}
