import type { TestProject } from 'vitest/node';
import { serveCluster } from './serveCluster.ts';

/** The embedded profile: a database server, started only when some test needs it. */
export default function setup(project: TestProject): Promise<() => Promise<void>> {
  return serveCluster(project);
}
