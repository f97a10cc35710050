import { ENGINES, type EngineDescriptor, findEngine } from '@stager/server/core/engines/catalogue';
import { type Engine, EngineError } from './types.ts';

export { checkEngineRequest } from '@stager/server/core/engines/check';
export { ENGINES, type EngineDescriptor, findEngine };

/** An implementation is imported when it is first asked for: native libraries stay out of the worker itself. */
const LOADERS: ReadonlyMap<string, () => Promise<Engine>> = new Map([
  ['finish', async () => (await import('./finish/engine.ts')).finish],
  ['layout', async () => (await import('./layout/engine.ts')).layout],
]);

/** Rejects with `unknown_engine` for a name that this build does not have. */
export async function loadEngine(name: string): Promise<Engine> {
  const load = LOADERS.get(name);
  if (!load) {
    throw new EngineError('unknown_engine', `This worker has no engine ${JSON.stringify(name)}.`, {
      hint: 'Deploy the API and the workers from the same version.',
    });
  }
  return load();
}
