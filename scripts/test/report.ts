import { existsSync, readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { z } from 'zod';
import { wantedSuites } from './suites.ts';

/** The part of vitest's JSON report that is summed. */
const Report = z.object({
  success: z.boolean(),
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      message: z.string().optional(),
      assertionResults: z.array(z.object({ fullName: z.string(), status: z.string() })),
    }),
  ),
});

export interface Summary {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: readonly string[];
  /** Suites of which no test ran. */
  readonly missing: readonly string[];
}

/** Sums a vitest JSON report. A file that failed to load counts as one failure. */
export function summarize(report: unknown, root: string, env: NodeJS.ProcessEnv = process.env): Summary {
  const suites = wantedSuites(env);
  const { testResults } = Report.parse(report);
  let passed = 0;
  let failed = 0;
  const skipped: string[] = [];
  const ran = new Set<string>();
  for (const file of testResults) {
    const path = relative(root, file.name);
    let executed = 0;
    for (const test of file.assertionResults) {
      if (test.status === 'passed') passed += 1;
      else if (test.status === 'failed') failed += 1;
      else skipped.push(`${path}: ${test.fullName}`);
      if (test.status === 'passed' || test.status === 'failed') executed += 1;
    }
    if (file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'))
      failed += 1;
    if (executed === 0) continue;
    for (const [suite, folders] of Object.entries(suites)) {
      if (folders.some((folder) => path.startsWith(folder))) ran.add(suite);
    }
  }
  return { passed, failed, skipped, missing: Object.keys(suites).filter((suite) => !ran.has(suite)) };
}

/** Lines of a file; none when there is no such file. */
export function readLines(file: string): string[] {
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : [];
}

export function readReport(file: string): unknown {
  return JSON.parse(readFileSync(file, 'utf8'));
}
