import { routes } from '../../contract/index.ts';
import { notFound } from '../../core/errors.ts';
import { presentProject } from '../../core/projects/present.ts';
import { readEndpoint } from '../endpoint.ts';

export default readEndpoint(routes.getProject, async ({ tx, caller }, { params }) => {
  const project = await tx.projects.get(caller.accountId, params.projectId);
  if (!project) throw notFound('project', params.projectId);
  return presentProject(project);
});
