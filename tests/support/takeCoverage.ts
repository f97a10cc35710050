import { takeCoverage } from 'node:v8';
import { afterAll } from 'vitest';

// The runner ends its workers by signal, and a process that is killed writes no coverage: each file's is written here.
afterAll(() => {
  if (process.env['NODE_V8_COVERAGE']) takeCoverage();
});
