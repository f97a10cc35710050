export { createS3Objects, type S3Objects, type S3ObjectsOptions } from './objects.ts';
