import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { emit } from './emit.ts';
import { root } from './paths.ts';

/** The API, without the embedded stack, which is never published; and the steps of the database. */
export async function buildServer(): Promise<void> {
  rmSync(join(root, 'server', 'dist'), { recursive: true, force: true });
  await Promise.all([
    emit({ from: 'server/src', to: 'server/dist', without: ['dev'] }),
    emit({ from: 'migrations', to: 'server/dist/migrations' }),
  ]);
}

export async function buildWorker(): Promise<void> {
  rmSync(join(root, 'worker', 'dist'), { recursive: true, force: true });
  await emit({ from: 'worker/src', to: 'worker/dist' });
}
