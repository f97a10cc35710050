import type { EngineDescriptor } from './descriptor.ts';
import { FINISH } from './finish.ts';
import { LAYOUT } from './layout.ts';

export type { EngineDescriptor, EngineOutputSpec, EnginePlace } from './descriptor.ts';

export const ENGINES: readonly EngineDescriptor[] = [FINISH, LAYOUT];

export const DEFAULT_ENGINE: string = LAYOUT.name;

/** Throws for a name that is not in the catalogue: requests are checked with `checkEngineRequest` first. */
export function findEngine(name: string): EngineDescriptor {
  const found = ENGINES.find((engine) => engine.name === name);
  if (!found) throw new Error(`there is no engine ${JSON.stringify(name)}`);
  return found;
}
