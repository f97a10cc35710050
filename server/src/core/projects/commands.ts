import type { ProjectRow } from '../../ports/index.ts';
import { type Act, audit } from '../context.ts';
import { DomainError, notFound } from '../errors.ts';
import { newId } from '../ids.ts';

export async function createProject(act: Act, name: string): Promise<ProjectRow> {
  const project = await act.tx.projects.create(act.caller.accountId, newId('prj'), name);
  if (!project) throw nameTaken(name);
  await audit(act, 'project.create', [project.id]);
  return project;
}

export async function renameProject(act: Act, id: string, name: string): Promise<ProjectRow> {
  const project = await act.tx.projects.rename(act.caller.accountId, id, name);
  if (project === undefined) throw notFound('project', id);
  if (project === 'name_taken') throw nameTaken(name);
  await audit(act, 'project.rename', [id]);
  return project;
}

export async function deleteProject(act: Act, id: string): Promise<void> {
  const owner = act.caller.accountId;
  if (!(await act.tx.projects.lock(owner, id))) throw notFound('project', id);
  if (await act.tx.projects.hasImages(owner, id)) {
    throw new DomainError(
      'invalid_state',
      `Project ${id} has images. Delete those first; nothing was changed.`,
    );
  }
  await act.tx.projects.remove(owner, id);
  await audit(act, 'project.delete', [id]);
}

function nameTaken(name: string): DomainError {
  return new DomainError(
    'name_taken',
    `A project named “${name}” exists already. Choose another name, or use that one.`,
  );
}
