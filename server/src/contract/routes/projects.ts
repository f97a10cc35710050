import { defineRoute } from '../route.ts';
import { PageQuery } from '../schemas/common.ts';
import { Project, ProjectInput, ProjectPage, ProjectParams } from '../schemas/projects.ts';

export const listProjects = defineRoute({
  name: 'listProjects',
  method: 'GET',
  path: '/v1/projects',
  tag: 'Projects',
  summary: 'List projects, newest first',
  scope: 'projects:read',
  role: 'member',
  rate: 'read',
  query: PageQuery,
  success: { status: 200, schema: ProjectPage, description: 'A page of projects' },
  errors: ['cursor_invalid'],
});

export const createProject = defineRoute({
  name: 'createProject',
  method: 'POST',
  path: '/v1/projects',
  tag: 'Projects',
  summary: 'Create a project',
  description: 'A name is unique in its account, case ignored.',
  scope: 'projects:write',
  role: 'member',
  rate: 'write',
  body: ProjectInput,
  success: { status: 201, schema: Project, description: 'The project' },
  errors: ['name_taken'],
  idempotent: 'store',
});

export const getProject = defineRoute({
  name: 'getProject',
  method: 'GET',
  path: '/v1/projects/:projectId',
  tag: 'Projects',
  summary: 'Read a project',
  scope: 'projects:read',
  role: 'member',
  rate: 'read',
  params: ProjectParams,
  success: { status: 200, schema: Project, description: 'The project' },
  errors: ['not_found'],
});

export const updateProject = defineRoute({
  name: 'updateProject',
  method: 'PATCH',
  path: '/v1/projects/:projectId',
  tag: 'Projects',
  summary: 'Rename a project',
  scope: 'projects:write',
  role: 'member',
  rate: 'write',
  params: ProjectParams,
  body: ProjectInput,
  success: { status: 200, schema: Project, description: 'The project' },
  errors: ['not_found', 'name_taken'],
});

export const deleteProject = defineRoute({
  name: 'deleteProject',
  method: 'DELETE',
  path: '/v1/projects/:projectId',
  tag: 'Projects',
  summary: 'Delete an empty project',
  description: 'Refused with `invalid_state` while the project has images: delete or keep those first.',
  scope: 'projects:write',
  role: 'member',
  rate: 'write',
  params: ProjectParams,
  success: { status: 204, schema: null, description: 'Gone' },
  errors: ['not_found', 'invalid_state'],
});
