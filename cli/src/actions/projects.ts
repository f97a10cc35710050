import type { Context } from '../context.ts';
import { usageError } from '../errors.ts';
import { clean } from '../io/clean.ts';
import { confirm } from '../io/confirm.ts';
import type { Rendered } from '../io/io.ts';
import { formatAge } from '../io/text.ts';
import { isId } from '../parse.ts';
import { suggest } from '../suggest.ts';
import { DEFAULT_LIMIT, pageSize, renderList, takeUpTo } from './list.ts';

export interface Project {
  readonly id: string;
  readonly name: string;
  readonly createdAt: string;
  readonly updatedAt: string;
}

export async function listProjects(context: Context, limit = DEFAULT_LIMIT): Promise<Rendered> {
  const client = await context.stager();
  const projects = client.projects.list({ limit: pageSize(limit) }, { signal: context.signal });
  return renderList({
    ...(await takeUpTo(projects, limit)),
    limit,
    none: 'No projects yet. stager projects create NAME makes one, and so does upload --project NAME.',
    columns: ({ style }) => [
      { title: 'ID' },
      { title: 'NAME', flexible: true },
      { title: 'CREATED', paint: style.dim },
    ],
    row: ({ id, name, createdAt }, now) => [id, clean(name), formatAge(createdAt, now)],
  });
}

export async function createProject(context: Context, name: string): Promise<Rendered> {
  requireName(name);
  const project = await (await context.stager()).projects.create({ name }, { signal: context.signal });
  return { json: () => project, text: () => `Created ${clean(project.name)}  ${project.id}` };
}

export async function renameProject(context: Context, word: string, name: string): Promise<Rendered> {
  requireName(name);
  const { id, name: before } = await requireProject(context, word);
  const project = await (await context.stager()).projects.update(id, { name }, { signal: context.signal });
  return {
    json: () => project,
    text: () => `Renamed ${clean(before)} to ${clean(project.name)}  ${project.id}`,
  };
}

export async function deleteProject(context: Context, word: string, yes: boolean): Promise<Rendered> {
  const project = await requireProject(context, word);
  await confirm(context, `Delete the project ${clean(project.name)} (${project.id})?`, yes);
  await (await context.stager()).projects.delete(project.id, { signal: context.signal });
  return {
    json: () => ({ id: project.id, deleted: true }),
    text: () => `Deleted ${clean(project.name)}  ${project.id}`,
  };
}

/** The project that a person means by an id or a name; names are compared as the API does, case ignored. */
export async function findProject(
  context: Context,
  word: string,
): Promise<Project | { readonly names: string[] }> {
  requireName(word);
  const client = await context.stager();
  if (isId('prj', word)) return client.projects.get(word, { signal: context.signal });
  const wanted = word.trim().toLowerCase();
  const names: string[] = [];
  for await (const project of client.projects.list({ limit: 100 }, { signal: context.signal })) {
    if (project.name.toLowerCase() === wanted) return project;
    names.push(project.name);
  }
  return { names };
}

export async function requireProject(context: Context, word: string): Promise<Project> {
  const found = await findProject(context, word);
  if ('id' in found) return found;
  const close = suggest(word, found.names);
  throw usageError(
    `There is no project ${clean(word)}.`,
    close ? `Did you mean ${clean(close)}?` : 'stager projects list shows them.',
  );
}

/** An empty word is mostly a variable of a script that is not set: it must not select everything, nor reach the API. */
function requireName(word: string): void {
  if (word.trim() === '') throw usageError('The name of the project is empty.', 'Give its name or its id.');
}
