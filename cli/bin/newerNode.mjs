import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { spawnNode } from './spawnNode.mjs';

/** Finds the Node that npm put beside us or above us, and runs this command with it. */
export async function startNewerNode(argv) {
  const name = `node-${process.platform}-${process.arch}`;
  const require = createRequire(import.meta.url);
  let node;
  try {
    node = join(dirname(require.resolve(`${name}/package.json`)), 'bin', 'node');
  } catch {
    process.stderr.write(
      `stager needs Node 22 or later; this is ${process.version}. Install a newer Node, or the package ${name} beside stager.\n`,
    );
    process.exit(1);
  }
  spawnNode(node, [fileURLToPath(new URL('./stager.mjs', import.meta.url)), ...argv]);
}
