import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { spawnNode } from '../../cli/bin/spawnNode.mjs';
import { findBuildNode } from './ensure.mjs';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Runs the CLI from its sources, so that coverage is told in their terms. */
export async function startFromSource(argv) {
  spawnNode(findBuildNode(), ['--conditions=stager-dev', join(root, 'cli', 'src', 'cli.ts'), ...argv]);
}
