import { createHash } from 'node:crypto';
import type { OperationName, OperationTypes } from '../generated/operations.ts';
import type {
  CreateImages,
  CreateUploads,
  FinalizedUpload,
  FinalizeUploads,
  Project,
  UploadTicket,
} from '../generated/types.ts';
import { accessHandlers, FAKE_SCOPES, type FakeCaller } from './access.ts';
import { adminHandlers } from './admin.ts';
import { billingHandlers } from './billing.ts';
import { cancelImage, findImage, retryImage } from './changes.ts';
import { createFromItem } from './creation.ts';
import { operatorHandlers } from './operators.ts';
import { FAKE_ACCOUNT, OWNER } from './owner.ts';
import { page } from './paging.ts';
import { FakeProblem, itemError } from './problems.ts';
import { reconcileHandlers } from './reconcile.ts';
import type { FakeState } from './state.ts';

export interface FakeCall {
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly body: unknown;
  readonly caller: FakeCaller;
  /** The fake's own address. */
  readonly url: string;
}

export interface FakeWorld {
  readonly state: FakeState;
  /** Sets an image going. */
  readonly begin: (imageId: string) => void;
  readonly ticketLifeMs: () => number;
}

type Handled = Exclude<OperationName, 'streamEvents'>;
export type Handlers = {
  readonly [N in Handled]?: (world: FakeWorld, call: FakeCall) => OperationTypes[N]['result'];
};

/** What the fake can do, the stream apart. An operation that is not here yet is refused by its name. */
export const handlers: Handlers = {
  getLiveness: () => ({ status: 'ok' }),
  getReadiness: () => ({ status: 'ok', checks: { database: 'ok', objects: 'ok' } }),
  getAuthConfig: (_world, { url }) => ({
    issuer: `${url}/issuer/`,
    audience: 'https://api.stager.test',
    cliClientId: 'stager-cli',
    scopes: [...FAKE_SCOPES],
  }),
  getCatalog: ({ state }) => state.catalog,
  getMe: (_world, { caller }) => ({
    principal: OWNER.principal,
    account: FAKE_ACCOUNT,
    role: OWNER.role,
    ...caller,
    scopes: [...caller.scopes],
  }),
  ...accessHandlers,
  ...adminHandlers,
  ...operatorHandlers,
  ...billingHandlers,
  ...reconcileHandlers,
  listProjects: ({ state }, { query }) => page([...state.projects.values()], query),
  createProject({ state }, { body }) {
    const name = projectName(body);
    refuseTaken(state, name);
    const now = new Date().toISOString();
    const project: Project = { id: state.id('prj'), name, createdAt: now, updatedAt: now };
    state.projects.set(project.id, project);
    return project;
  },
  getProject: ({ state }, { params }) => findProject(state, params['projectId']),
  updateProject({ state }, { params, body }) {
    const project = findProject(state, params['projectId']);
    const name = projectName(body);
    refuseTaken(state, name, project.id);
    const changed = { ...project, name, updatedAt: new Date().toISOString() };
    state.projects.set(project.id, changed);
    return changed;
  },
  deleteProject({ state }, { params }) {
    const { id } = findProject(state, params['projectId']);
    if ([...state.images.values()].some(({ projectId }) => projectId === id)) {
      throw new FakeProblem('invalid_state', 'The project has images. Delete them first.');
    }
    state.projects.delete(id);
    return undefined;
  },
  createUploads: (world, { body, url }) => ({
    // The route table says so; the fake believes its callers, as a compiler has checked them.
    results: (body as CreateUploads).files.map((file) => ticket(world, file, url)),
  }),
  finalizeUploads: ({ state }, { body }) => ({
    results: (body as FinalizeUploads).uploadIds.map((id) => finalize(state, id)),
  }),
  createImages(world, { body }) {
    const { projectId = null, items, reuse = false } = body as CreateImages;
    if (projectId !== null) findProject(world.state, projectId);
    const results = items.map((item) => createFromItem(world.state, world.begin, item, projectId, reuse));
    const refused = results.flatMap((result) => (result.status === 'error' ? [result.error] : []));
    const used = refused.find(({ code }) => code === 'quota_exceeded');
    if (used && refused.length === results.length) {
      throw new FakeProblem('quota_exceeded', used.message, { link: '/billing' });
    }
    return { results };
  },
  listImages({ state }, { query }) {
    const { projectId, state: wanted } = query;
    const all = [...state.images.values()].filter(
      (image) => (!projectId || image.projectId === projectId) && (!wanted || image.state === wanted),
    );
    return page(all, query);
  },
  getImage: ({ state }, { params }) => findImage(state, params['imageId']),
  deleteImage({ state }, { params }) {
    const { id } = findImage(state, params['imageId']);
    state.change(id, 'image.deleted', {});
    return undefined;
  },
  retryImage: ({ state, begin }, { params }) => retryImage(state, begin, params['imageId']),
  cancelImage: ({ state }, { params }) => cancelImage(state, params['imageId']),
  getImageDownloads({ state }, { params, url }) {
    const image = findImage(state, params['imageId']);
    const original = state.originals.get(image.originalId);
    const expiresAt = new Date(Date.now() + 900_000).toISOString();
    const link = (
      name: string,
      key: string,
      file: { contentType: string; size: number; sha256: string },
    ) => ({
      name,
      url: `${url}/store/objects/${key}`,
      expiresAt,
      contentType: file.contentType,
      size: file.size,
      sha256: file.sha256,
    });
    const outputs = image.outputs.map((output) => link(output.name, `${image.id}.${output.name}`, output));
    return { items: [...outputs, ...(original ? [link('original', original.sha256, original)] : [])] };
  },
};

function projectName(body: unknown): string {
  const name = typeof body === 'object' && body !== null && 'name' in body ? String(body.name).trim() : '';
  if (name !== '' && name.length <= 120) return name;
  const issues = [{ path: 'body.name', message: 'must have 1 to 120 characters' }];
  throw new FakeProblem('invalid_request', 'body.name must have 1 to 120 characters.', { issues });
}

function refuseTaken(state: FakeState, name: string, except?: string): void {
  for (const project of state.projects.values()) {
    if (project.id !== except && project.name.toLowerCase() === name.toLowerCase()) {
      throw new FakeProblem('name_taken', `There is a project ${JSON.stringify(name)} already.`);
    }
  }
}

function findProject(state: FakeState, id: string | undefined): Project {
  const project = state.projects.get(id ?? '');
  if (!project) throw new FakeProblem('not_found', `There is no project ${id}.`);
  return project;
}

function ticket(
  { state, ticketLifeMs }: FakeWorld,
  file: CreateUploads['files'][number],
  url: string,
): UploadTicket {
  const { sha256, size, contentType } = file;
  const known = [...state.originals.values()].find((original) => original.sha256 === sha256);
  if (known) return { status: 'exists', sha256, original: known };
  if (!state.catalog.upload.contentTypes.includes(contentType)) {
    return { sha256, ...itemError('unsupported_format', `The type ${contentType} is not accepted.`) };
  }
  const id = state.id('upl');
  const expiresAt = Date.now() + ticketLifeMs();
  state.uploads.set(id, { id, file, expiresAt, bytes: undefined, originalId: undefined });
  return {
    status: 'upload',
    sha256,
    uploadId: id,
    method: 'PUT',
    url: `${url}/store/uploads/${id}`,
    headers: {
      'content-length': String(size),
      'content-type': contentType,
      'x-amz-checksum-algorithm': 'SHA256',
      'x-amz-checksum-sha256': Buffer.from(sha256, 'hex').toString('base64'),
    },
    expiresAt: new Date(expiresAt).toISOString(),
  };
}

function finalize(state: FakeState, uploadId: string): FinalizedUpload {
  const upload = state.uploads.get(uploadId);
  if (!upload) return { uploadId, ...itemError('not_found', `There is no upload ${uploadId}.`) };
  const ready = state.originals.get(upload.originalId ?? '');
  if (ready) return { status: 'ready', uploadId, original: ready };
  if (!upload.bytes)
    return { uploadId, ...itemError('upload_missing', 'No bytes have arrived for this upload.', true) };
  const { sha256, size, contentType } = upload.file;
  if (createHash('sha256').update(upload.bytes).digest('hex') !== sha256) {
    return { uploadId, ...itemError('checksum_mismatch', 'The bytes do not have the announced SHA-256.') };
  }
  const original = {
    id: state.id('org'),
    sha256,
    size,
    // Only accepted types get a ticket.
    contentType: contentType as 'image/jpeg',
    width: 640,
    height: 480,
    createdAt: new Date().toISOString(),
  };
  state.originals.set(original.id, original);
  state.objects.set(sha256, upload.bytes);
  upload.originalId = original.id;
  return { status: 'ready', uploadId, original };
}
