import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { describe, expect, test } from 'vitest';
import { VERSION } from './version.ts';

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

async function bundle() {
  const { metafile } = await build({
    stdin: { contents: "export { Stager } from './index.ts'", resolveDir: at('.') },
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node22',
    minify: true,
    splitting: true,
    metafile: true,
    write: false,
    outdir: 'out',
    external: ['eventsource'],
  });
  return metafile.outputs;
}

/** Names of what is loaded at once with an entry: all that it imports statically. */
function loadedWith(outputs: Awaited<ReturnType<typeof bundle>>): string[] {
  const loaded = new Set<string>();
  const visit = (name: string) => {
    if (loaded.has(name)) return;
    loaded.add(name);
    for (const { path, kind } of outputs[name]?.imports ?? []) if (kind === 'import-statement') visit(path);
  };
  visit(Object.keys(outputs).find((name) => outputs[name]?.entryPoint === '<stdin>') ?? '');
  return [...loaded];
}

/** Bytes of our own code, without the generated tables. */
function sizeOf(outputs: Awaited<ReturnType<typeof bundle>>, names: readonly string[]): number {
  const generated = (name: string) =>
    Object.entries(outputs[name]?.inputs ?? {}).reduce(
      (sum, [file, { bytesInOutput }]) => sum + (file.includes('generated') ? bytesInOutput : 0),
      0,
    );
  return names.reduce((sum, name) => sum + (outputs[name]?.bytes ?? 0) - generated(name), 0);
}

describe('the package', () => {
  test('knows its own version', () => {
    const manifest: { version: string; dependencies: object } = JSON.parse(
      readFileSync(at('../package.json'), 'utf8'),
    );
    expect(manifest.version).toBe(VERSION);
    expect(Object.keys(manifest.dependencies)).toEqual(['eventsource']);
  });

  test('is small: what is loaded with the client, and what is loaded when it is used', async () => {
    const outputs = await bundle();
    expect(sizeOf(outputs, loadedWith(outputs)) / 1024).toBeLessThanOrEqual(27);
    expect(sizeOf(outputs, Object.keys(outputs)) / 1024).toBeLessThanOrEqual(62);
  });

  test('needs Node only for what touches files: nothing of it is loaded with the client', async () => {
    const loaded = loadedWith(await bundle());
    expect(loaded.filter((name) => name.startsWith('node:'))).toEqual([]);
    expect(loaded).toContain('eventsource');
  });
});
