import { defineRoute } from '../route.ts';
import { Catalog } from '../schemas/catalog.ts';
import {
  CreatedImagesBatch,
  CreateImages,
  Downloads,
  Image,
  ImageListQuery,
  ImagePage,
  ImageParams,
} from '../schemas/images.ts';

export const getCatalog = defineRoute({
  name: 'getCatalog',
  method: 'GET',
  path: '/v1/catalog',
  tag: 'Images',
  summary: 'Engines, room types, styles and upload limits of this installation',
  scope: null,
  role: null,
  rate: 'public',
  success: { status: 200, schema: Catalog, description: 'The catalog' },
  errors: [],
});

export const createImages = defineRoute({
  name: 'createImages',
  method: 'POST',
  path: '/v1/images',
  tag: 'Images',
  summary: 'Create images from up to 100 originals',
  description:
    'Each item fails or succeeds alone. One image is made per variation, and takes a unit of the plan until it fails. ' +
    'Items are granted in order; one that the plan has no room for, with all its variations, carries `quota_exceeded`. ' +
    'When none is granted, that is the answer.',
  scope: 'images:write',
  role: 'member',
  rate: 'write',
  body: CreateImages,
  success: { status: 200, schema: CreatedImagesBatch, description: 'One result per item' },
  errors: ['not_found', 'quota_exceeded'],
  idempotent: 'store',
});

export const listImages = defineRoute({
  name: 'listImages',
  method: 'GET',
  path: '/v1/images',
  tag: 'Images',
  summary: 'List images, newest first',
  scope: 'images:read',
  role: 'member',
  rate: 'read',
  query: ImageListQuery,
  success: { status: 200, schema: ImagePage, description: 'A page of images' },
  errors: ['cursor_invalid'],
});

export const getImage = defineRoute({
  name: 'getImage',
  method: 'GET',
  path: '/v1/images/:imageId',
  tag: 'Images',
  summary: 'Read an image',
  scope: 'images:read',
  role: 'member',
  rate: 'read',
  params: ImageParams,
  success: { status: 200, schema: Image, description: 'The image' },
  errors: ['not_found'],
});

export const deleteImage = defineRoute({
  name: 'deleteImage',
  method: 'DELETE',
  path: '/v1/images/:imageId',
  tag: 'Images',
  summary: 'Delete an image and its outputs',
  description: 'Work under way is cancelled. The original stays.',
  scope: 'images:write',
  role: 'member',
  rate: 'write',
  params: ImageParams,
  success: { status: 204, schema: null, description: 'Gone' },
  errors: ['not_found'],
});

export const retryImage = defineRoute({
  name: 'retryImage',
  method: 'POST',
  path: '/v1/images/:imageId/retry',
  tag: 'Images',
  summary: 'Queue an image again that ended as `error` or `canceled`',
  scope: 'images:write',
  role: 'member',
  rate: 'write',
  params: ImageParams,
  success: { status: 200, schema: Image, description: 'The image, queued' },
  errors: ['not_found', 'invalid_state', 'quota_exceeded'],
  idempotent: 'store',
});

export const cancelImage = defineRoute({
  name: 'cancelImage',
  method: 'POST',
  path: '/v1/images/:imageId/cancel',
  tag: 'Images',
  summary: 'Cancel an image that is queued or processing',
  scope: 'images:write',
  role: 'member',
  rate: 'write',
  params: ImageParams,
  success: { status: 200, schema: Image, description: 'The image, canceled' },
  errors: ['not_found', 'invalid_state'],
  idempotent: 'store',
});

export const getImageDownloads = defineRoute({
  name: 'getImageDownloads',
  method: 'GET',
  path: '/v1/images/:imageId/downloads',
  tag: 'Images',
  summary: 'Short-lived links to the outputs of an image and to its original',
  scope: 'images:read',
  role: 'member',
  rate: 'read',
  params: ImageParams,
  success: { status: 200, schema: Downloads, description: 'One link per file' },
  errors: ['not_found'],
});
