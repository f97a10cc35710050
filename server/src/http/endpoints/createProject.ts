import { routes } from '../../contract/index.ts';
import { createProject } from '../../core/projects/commands.ts';
import { presentProject } from '../../core/projects/present.ts';
import { writeEndpoint } from '../endpoint.ts';

export default writeEndpoint(routes.createProject, async (act, { body }) =>
  presentProject(await createProject(act, body.name)),
);
