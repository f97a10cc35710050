import { routes } from '../../contract/index.ts';
import { renameProject } from '../../core/projects/commands.ts';
import { presentProject } from '../../core/projects/present.ts';
import { writeEndpoint } from '../endpoint.ts';

export default writeEndpoint(routes.updateProject, async (act, { params, body }) =>
  presentProject(await renameProject(act, params.projectId, body.name)),
);
