#!/usr/bin/env node
// Plain JavaScript that Node 18 can read: an old Node starts the right one with it.
import { existsSync, readFileSync } from 'node:fs';

const LEAST_NODE = 22;

const argv = process.argv.slice(2);
const here = new URL('.', import.meta.url);
const inRepository = existsSync(new URL('../src/cli.ts', here));

if (Number(process.versions.node.split('.')[0]) < LEAST_NODE) {
  const { startNewerNode } = await import('./newerNode.mjs');
  await startNewerNode(argv);
} else if (inRepository && process.env.STAGER_CLI_SOURCE) {
  const { startFromSource } = await import('../../scripts/build/source.mjs');
  await startFromSource(argv);
} else {
  if (inRepository) {
    const { ensureFresh } = await import('../../scripts/build/fresh.mjs');
    await ensureFresh();
  }
  const ready = readyText(argv);
  if (ready === undefined) {
    await import('../dist/main.js');
  } else {
    process.stdout.on('error', () => undefined);
    process.stdout.write(readFileSync(new URL(`../dist/${ready}`, here), 'utf8'));
  }
}

/** The most frequent questions are answered from a file: the build had the program itself write it. */
function readyText(args) {
  if (args.length === 0) return 'help.txt';
  if (args.length > 1) return undefined;
  if (args[0] === '--help' || args[0] === '-h' || args[0] === 'help') return 'help.txt';
  if (args[0] === '--version' || args[0] === '-V') return 'version.txt';
  return undefined;
}
