import type { TestProject } from 'vitest/node';
import { serveCluster } from './serveCluster.ts';

/** The embedded profile: a database server for all projects, started only when some test needs it. */
export default async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  return project.isRootProject() ? serveCluster(project) : undefined;
}
