import { z } from 'zod';
import { ItemError } from '../errors.ts';
import { BATCH_MAX, ImageId, OriginalId, PageQuery, ProjectId, pageOf, Sha256, Timestamp } from './common.ts';
import { Layout } from './layout.ts';

export const ImageState = z
  .enum(['queued', 'processing', 'ready', 'error', 'canceled'])
  .meta({ id: 'ImageState' });
export type ImageState = z.infer<typeof ImageState>;

export const ImageOutput = z
  .strictObject({
    name: z.string().describe('Which picture of the engine; see the catalog'),
    contentType: z.string(),
    size: z.int().describe('Bytes'),
    sha256: Sha256,
    width: z.int().describe('Pixels'),
    height: z.int(),
  })
  .meta({ id: 'ImageOutput' });
export type ImageOutput = z.infer<typeof ImageOutput>;

export const ImageError = z
  .strictObject({
    code: z.string(),
    message: z.string(),
    hint: z.string().nullable(),
    retryable: z.boolean(),
  })
  .meta({ id: 'ImageError' });
export type ImageError = z.infer<typeof ImageError>;

export const EngineParams = z
  .record(z.string().max(60), z.union([z.string().max(2000), z.number(), z.boolean()]))
  .describe('Options of the engine; see the catalog');

const Seed = z.int().min(0).max(4_294_967_295).describe('32 bits');

export const Image = z
  .strictObject({
    id: ImageId,
    projectId: ProjectId.nullable(),
    originalId: OriginalId,
    name: z.string().nullable().describe('What the client calls the photo, mostly its file name'),
    engine: z.string(),
    roomType: z.string().nullable(),
    style: z.string().nullable(),
    seed: Seed,
    variation: z.int().describe('0 for the first'),
    params: EngineParams,
    state: ImageState,
    attempts: z.int(),
    error: ImageError.nullable(),
    outputs: z.array(ImageOutput).describe('Empty until `ready`'),
    createdAt: Timestamp,
    updatedAt: Timestamp,
  })
  .meta({ id: 'Image' });
export type Image = z.infer<typeof Image>;

export const ImageItem = z
  .strictObject({
    originalId: OriginalId,
    name: z
      .string()
      .trim()
      .min(1)
      .max(255)
      .regex(/^[^\p{Cc}]*$/u, 'must not contain control characters')
      .optional(),
    engine: z.string().max(60).optional().describe('Default: the catalog’s `defaultEngine`'),
    roomType: z.string().max(60).optional(),
    style: z.string().max(60).optional(),
    seed: Seed.default(0),
    variations: z.int().min(1).max(20).default(1),
    params: EngineParams.default({}),
    layout: Layout.optional().describe(
      'For engines that furnish: render this layout instead of choosing one. Room type, style and seed are its own unless a style is given beside it; takes no variations',
    ),
  })
  .meta({ id: 'ImageItem' });

export const Priority = z.enum(['high', 'normal', 'low']).meta({ id: 'Priority' });
export type Priority = z.infer<typeof Priority>;

export const CreateImages = z
  .strictObject({
    projectId: ProjectId.optional(),
    items: z.array(ImageItem).min(1).max(BATCH_MAX),
    reuse: z
      .boolean()
      .default(false)
      .describe(
        'Answer with the image that was made from the same photo, project and options, if there is one',
      ),
    priority: Priority.default('normal').describe(
      'Which images of the account are made first; other accounts neither wait nor gain. `low` suits bulk re-runs',
    ),
  })
  .meta({ id: 'CreateImages' });

export const CreatedImages = z
  .discriminatedUnion('status', [
    z.strictObject({
      status: z.literal('ok'),
      images: z.array(Image).describe('One per variation'),
      reused: z.array(ImageId).describe('Those that were there before'),
    }),
    z.strictObject({ status: z.literal('error'), error: ItemError }),
  ])
  .meta({ id: 'CreatedImages' });
export type CreatedImages = z.infer<typeof CreatedImages>;

export const CreatedImagesBatch = z
  .strictObject({ results: z.array(CreatedImages).describe('One per item, in the same order') })
  .meta({ id: 'CreatedImagesBatch' });

export const ImageListQuery = PageQuery.extend({
  projectId: ProjectId.optional(),
  state: ImageState.optional(),
});
export const ImagePage = pageOf(Image).meta({ id: 'ImagePage' });
export const ImageParams = z.strictObject({ imageId: ImageId });

export const Download = z
  .strictObject({
    name: z.string().describe('Output name, or `original`'),
    url: z.string(),
    expiresAt: Timestamp,
    contentType: z.string(),
    size: z.int(),
    sha256: Sha256,
  })
  .meta({ id: 'Download' });

export const Downloads = z.strictObject({ items: z.array(Download) }).meta({ id: 'Downloads' });
