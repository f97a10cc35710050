import { z } from 'zod';
import { ProjectId, pageOf, Timestamp } from './common.ts';

export const ProjectName = z
  .string()
  .trim()
  .min(1, 'must not be empty')
  .max(120, 'must have at most 120 characters')
  .regex(/^[^\p{Cc}]*$/u, 'must not contain control characters');

export const Project = z
  .strictObject({ id: ProjectId, name: z.string(), createdAt: Timestamp, updatedAt: Timestamp })
  .meta({ id: 'Project' });
export type Project = z.infer<typeof Project>;

export const ProjectPage = pageOf(Project).meta({ id: 'ProjectPage' });
export const ProjectInput = z.strictObject({ name: ProjectName }).meta({ id: 'ProjectInput' });
export const ProjectParams = z.strictObject({ projectId: ProjectId });
