/**
 * How each operation is called with the SDK. What is not listed here is shown as `stager.request('name', …)`, which
 * every operation can be called with.
 */
export const SDK_CALLS: Readonly<Record<string, string>> = {
  getMe: 'await stager.me()',
  getAuthConfig: 'await stager.authConfig()',
  getCatalog: 'await stager.catalog()',
  getReadiness: 'await stager.health()',
  listProjects: 'for await (const project of stager.projects.list()) console.log(project.name)',
  createProject: "await stager.projects.create({ name: 'Listing 42' })",
  getProject: 'await stager.projects.get(projectId)',
  updateProject: "await stager.projects.update(projectId, { name: 'Listing 43' })",
  deleteProject: 'await stager.projects.delete(projectId)',
  createUploads: 'await stager.uploads.create([{ sha256, size, contentType }])',
  finalizeUploads: 'await stager.uploads.finalize([uploadId])',
  createImages: 'await stager.images.create({ items: [{ originalId }] })',
  listImages: "for await (const image of stager.images.list({ state: 'ready' })) console.log(image.id)",
  getImage: 'await stager.images.get(imageId)',
  deleteImage: 'await stager.images.delete(imageId)',
  retryImage: 'await stager.images.retry(imageId)',
  cancelImage: 'await stager.images.cancel(imageId)',
  getImageDownloads: 'await stager.images.downloads(imageId)',
  streamEvents: 'for await (const event of stager.events()) console.log(event.type)',
};
