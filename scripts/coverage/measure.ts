import { globSync, readdirSync, readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { mergeProcessCovs, type ProcessCov, type ScriptCov } from '@bcoe/v8-coverage';
import { parse } from 'acorn';
import { convert } from 'ast-v8-to-istanbul';
import libCoverage from 'istanbul-lib-coverage';

export const WORKSPACES = ['sdk', 'cli', 'server', 'worker'] as const;

export interface Share {
  readonly lines: number;
  readonly branches: number;
  /** The files with the most lines and branches that were not reached. */
  readonly worst: readonly string[];
}

/** Written by a generator, or a part of the tests themselves. */
const LEFT_OUT =
  /\.(test|fixture)\.ts$|\/generated\/|\.d\.ts$|(issuer|inspect)\/testing\.ts$|worker\/src\/testing\.ts$|cli\/src\/testing\//;

/** They run on the servers of production alone. */
const SERVICE_ADAPTERS = /server\/src\/infra\/(objects\/s3|doorbell\/bee|redis|limiter\/redis)/;

/** Shares of lines and branches that were reached, from the files that V8 wrote for every process. */
export async function measure(
  rawDir: string,
  root: string,
  onServices: boolean,
): Promise<Record<(typeof WORKSPACES)[number], Share>> {
  const reached = mergeRaw(rawDir, root);
  const map = libCoverage.createCoverageMap();
  const files = WORKSPACES.flatMap((workspace) => globSync(join(root, workspace, 'src/**/*.ts')));
  for (const file of files) {
    if (LEFT_OUT.test(file) || (!onServices && SERVICE_ADAPTERS.test(file))) continue;
    map.merge(await toIstanbul(file, reached.get(file)));
  }
  const entries = WORKSPACES.map(
    (workspace) => [workspace, shareOf(map, join(root, workspace), root)] as const,
  );
  // Object.fromEntries forgets which keys it was given.
  return Object.fromEntries(entries) as Record<(typeof WORKSPACES)[number], Share>;
}

function mergeRaw(rawDir: string, root: string): Map<string, ScriptCov> {
  let merged: ProcessCov = { result: [] };
  const prefix = pathToFileURL(root).href;
  for (const name of readdirSync(rawDir)) {
    const { result } = readCoverage(join(rawDir, name));
    const own = result.filter(
      ({ url }) => url.startsWith(prefix) && url.includes('/src/') && !url.includes('/node_modules/'),
    );
    merged = mergeProcessCovs([
      merged,
      { result: own.map((script) => ({ ...script, url: script.url.replace(/[?#].*$/, '') })) },
    ]);
  }
  return new Map(merged.result.map((script) => [fileURLToPath(script.url), script]));
}

/** A process that was killed amid writing, as some tests do it, has told nothing. */
function readCoverage(file: string): ProcessCov {
  try {
    // Written by V8 itself.
    return JSON.parse(readFileSync(file, 'utf8')) as ProcessCov;
  } catch {
    return { result: [] };
  }
}

/** Node strips types by blanking them out, so offsets in the stripped text are those of the source. */
async function toIstanbul(file: string, script: ScriptCov | undefined) {
  const code = stripTypeScriptTypes(readFileSync(file, 'utf8'));
  const never = { startOffset: 0, endOffset: code.length, count: 0 };
  return convert({
    code,
    wrapperLength: 0,
    ast: parse(code, { ecmaVersion: 'latest', sourceType: 'module', locations: true }),
    coverage: {
      url: pathToFileURL(file).href,
      functions: script?.functions ?? [{ functionName: '', isBlockCoverage: true, ranges: [never] }],
    },
  });
}

function shareOf(map: libCoverage.CoverageMap, folder: string, root: string): Share {
  const total = libCoverage.createCoverageSummary();
  const missing: { text: string; count: number }[] = [];
  for (const file of map.files()) {
    if (!file.startsWith(`${folder}/`)) continue;
    const { lines, branches } = map.fileCoverageFor(file).toSummary();
    total.merge(map.fileCoverageFor(file).toSummary());
    const count = lines.total - lines.covered + branches.total - branches.covered;
    missing.push({
      count,
      text: `${relative(root, file)}: ${lines.pct} % of lines, ${branches.pct} % of branches`,
    });
  }
  const worst = missing.filter(({ count }) => count > 0).toSorted((a, b) => b.count - a.count);
  return {
    lines: total.lines.pct,
    branches: total.branches.pct,
    worst: worst.slice(0, 12).map(({ text }) => text),
  };
}
