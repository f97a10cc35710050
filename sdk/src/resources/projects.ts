import type { ApiPromise } from '../core/apiPromise.ts';
import type { CallOptions } from '../core/options.ts';
import { type Pages, pagesOf } from '../core/pagination.ts';
import type { Transport } from '../core/transport.ts';
import type { ListProjectsQuery, Project, ProjectInput } from '../generated/types.ts';

/** Folders of an account: a listing, a client. */
export class Projects {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Newest first; `limit` is the size of a page, the iteration goes through all pages. */
  list(query: ListProjectsQuery = {}, options?: CallOptions): Pages<Project> {
    return pagesOf(query, (input) => this.#transport.request('listProjects', input, options));
  }

  get(projectId: string, options?: CallOptions): ApiPromise<Project> {
    return this.#transport.request('getProject', { params: { projectId } }, options);
  }

  /** @throws ConflictError `name_taken` */
  create(body: ProjectInput, options?: CallOptions): ApiPromise<Project> {
    return this.#transport.request('createProject', { body }, options);
  }

  /** @throws ConflictError `name_taken` */
  update(projectId: string, body: ProjectInput, options?: CallOptions): ApiPromise<Project> {
    return this.#transport.request('updateProject', { params: { projectId }, body }, options);
  }

  /** @throws ConflictError `invalid_state` while it has images */
  delete(projectId: string, options?: CallOptions): ApiPromise<undefined> {
    return this.#transport.request('deleteProject', { params: { projectId } }, options);
  }
}
