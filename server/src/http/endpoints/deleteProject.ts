import { routes } from '../../contract/index.ts';
import { deleteProject } from '../../core/projects/commands.ts';
import { writeEndpoint } from '../endpoint.ts';

export default writeEndpoint(routes.deleteProject, async (act, { params }) => {
  await deleteProject(act, params.projectId);
  return undefined;
});
