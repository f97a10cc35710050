import { z } from 'zod';

const CatalogEntry = z.strictObject({ name: z.string(), title: z.string() }).meta({ id: 'CatalogEntry' });

export const CatalogEngine = z
  .strictObject({
    name: z.string(),
    title: z.string(),
    description: z.string(),
    version: z.string(),
    rooms: z.array(z.string()).describe('Empty when the engine takes no room type'),
    styles: z.array(z.string()).describe('Empty when the engine takes no style'),
    takesSeed: z.boolean(),
    pieces: z
      .array(z.string())
      .describe('Kinds of furniture that a layout may name; empty when the engine takes no layout'),
    maxVariations: z.int(),
    outputs: z.array(z.strictObject({ name: z.string(), contentType: z.string(), description: z.string() })),
    params: z.record(z.string(), z.unknown()).describe('JSON Schema of `params`'),
  })
  .meta({ id: 'CatalogEngine' });

export const Catalog = z
  .strictObject({
    defaultEngine: z.string(),
    engines: z.array(CatalogEngine),
    rooms: z.array(CatalogEntry),
    styles: z.array(CatalogEntry),
    upload: z.strictObject({
      contentTypes: z.array(z.string()),
      maxBytes: z.int(),
      maxPixels: z.int(),
      batchMax: z.int(),
    }),
  })
  .meta({ id: 'Catalog' });
