import { defineCommand, type GroupSpec } from '../command.ts';
import { integer } from '../parse.ts';

const list = defineCommand<[], { limit: number | undefined }>({
  name: 'list',
  summary: 'list projects, newest first',
  options: [
    { flags: '--limit <n>', about: 'at most this many (default 50)', parse: integer('--limit', 1, 100_000) },
  ],
  examples: [{ command: 'stager projects list', about: 'the projects of the account' }],
  async run(context, _args, { limit }) {
    const { listProjects } = await import('../actions/projects.ts');
    context.io.print(await listProjects(context, limit));
  },
});

const create = defineCommand<[string]>({
  name: 'create',
  summary: 'create a project',
  arguments: [{ name: '<name>', about: 'unique in the account, case ignored' }],
  examples: [{ command: 'stager projects create "Elm Street 42"', about: 'one project per listing' }],
  async run(context, [name]) {
    const { createProject } = await import('../actions/projects.ts');
    context.io.print(await createProject(context, name));
  },
});

const rename = defineCommand<[string, string]>({
  name: 'rename',
  summary: 'rename a project',
  arguments: [
    { name: '<project>', about: 'name or id' },
    { name: '<name>', about: 'the new name' },
  ],
  examples: [{ command: 'stager projects rename "Elm Street 42" "Elm Street 44"', about: 'a typing error' }],
  async run(context, [project, name]) {
    const { renameProject } = await import('../actions/projects.ts');
    context.io.print(await renameProject(context, project, name));
  },
});

const remove = defineCommand<[string], { yes?: boolean }>({
  name: 'delete',
  summary: 'delete an empty project',
  arguments: [{ name: '<project>', about: 'name or id' }],
  options: [{ flags: '-y, --yes', about: 'do not ask' }],
  examples: [{ command: 'stager projects delete "Elm Street 42"', about: 'after its images were deleted' }],
  async run(context, [project], { yes }) {
    const { deleteProject } = await import('../actions/projects.ts');
    context.io.print(await deleteProject(context, project, yes ?? false));
  },
});

export const projects: GroupSpec = {
  name: 'projects',
  summary: 'list, create, rename and delete projects',
  commands: [list, create, rename, remove],
};
