import { readFileSync } from 'node:fs';
import { main } from 'assemblyscript/asc';

/** Compiles AssemblyScript to a module in base64: a few kilobytes, the same bytes each time. */
export async function emitKernel(path: string): Promise<string> {
  const source = readFileSync(path, 'utf8');
  let wasm: Uint8Array | undefined;
  const { error, stderr } = await main(
    ['kernel.ts', '-O3', '--noAssert', '--runtime', 'stub', '--enable', 'simd', '--outFile', 'kernel.wasm'],
    {
      readFile: (name) => (name === 'kernel.ts' ? source : null),
      writeFile: (name, contents) => {
        if (name === 'kernel.wasm' && contents instanceof Uint8Array) wasm = contents;
      },
      listFiles: () => [],
    },
  );
  if (error || !wasm) throw new Error(`${path} does not compile:\n${stderr}`, { cause: error });
  const lines =
    Buffer.from(wasm)
      .toString('base64')
      .match(/.{1,100}/g) ?? [];
  const text = lines.map((line) => `  '${line}',`).join('\n');
  return `// Written by \`npm run generate\` from intersect.as; do not edit.

/** A WebAssembly module, base64. */
export const WASM: string = [
${text}
].join('');
`;
}
