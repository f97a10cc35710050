import { extname } from 'node:path';

/** A module beside `here`, as TypeScript in the sources and as JavaScript in a build. */
export function besides(name: string, here: string): URL {
  return new URL(`./${name}${extname(here)}`, here);
}

/** Node's arguments that a child needs to load what `module` imports. */
export function loaderArguments(module: URL): string[] {
  return extname(module.pathname) === '.ts' ? ['--conditions=stager-dev'] : [];
}
