import { lstat, realpath } from 'node:fs/promises';
import { sep } from 'node:path';
import { EngineError, type EngineOutput } from '../engines/types.ts';

/** Bytes; a PNG of 4096 pixels has 50 MB at most. */
const SIZE_MAX = 128 * 1024 * 1024;

/**
 * `root` is the real path of the work directory, taken before the job. Gives the outputs back with their real paths. The parent will read these files and publish them, so a
 * compromised child must not talk it into reading another one: through a path, a link, or a device.
 * Rejects with `engine_bad_output`.
 */
export async function verifyOutputs(root: string, outputs: readonly EngineOutput[]): Promise<EngineOutput[]> {
  const names = new Set(outputs.map((output) => output.name));
  if (names.size !== outputs.length) throw refuse('it gave two outputs one name');
  return Promise.all(outputs.map(async (output) => ({ ...output, path: await verifyPath(root, output) })));
}

async function verifyPath(root: string, output: EngineOutput): Promise<string> {
  const path = await realpath(output.path).catch(() => null);
  if (path === null) throw refuse(`its output ${output.name} is missing`);
  if (!path.startsWith(root + sep)) throw refuse(`its output ${output.name} lies outside the work directory`);
  const file = await lstat(path);
  if (!file.isFile()) throw refuse(`its output ${output.name} is not a regular file`);
  // A second name means that the file may be somebody else's.
  if (file.nlink !== 1) throw refuse(`its output ${output.name} is a hard link`);
  if (file.size === 0) throw refuse(`its output ${output.name} is empty`);
  if (file.size > SIZE_MAX) throw refuse(`its output ${output.name} has more than ${SIZE_MAX} bytes`);
  return path;
}

function refuse(why: string): EngineError {
  return new EngineError('engine_bad_output', `The engine's result was refused: ${why}.`, {
    hint: 'This is a defect of the engine. Report it with the id of the image.',
  });
}
