export { createObjectsHandler, type ObjectsHandler, type ObjectsHandlerOptions } from './handler/handler.ts';
export { createDiskObjects, type DiskObjects, type DiskObjectsOptions } from './objects.ts';
