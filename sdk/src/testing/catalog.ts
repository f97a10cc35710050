import { BATCH_MAX } from '../generated/constants.ts';
import type { Catalog } from '../generated/types.ts';

/** Two engines: one that takes nothing, one that takes everything. */
export const FAKE_CATALOG: Catalog = {
  defaultEngine: 'finish',
  engines: [
    {
      name: 'finish',
      title: 'Finish',
      description: 'Corrects light and colour',
      version: '1',
      rooms: [],
      styles: [],
      takesSeed: false,
      pieces: [],
      maxVariations: 1,
      outputs: [{ name: 'finished', contentType: 'image/jpeg', description: 'The finished photo' }],
      params: { type: 'object', properties: {}, additionalProperties: false },
    },
    {
      name: 'furnish',
      title: 'Furnish',
      description: 'Puts furniture in',
      version: '1',
      rooms: ['bedroom', 'living_room'],
      styles: ['modern', 'scandinavian'],
      takesSeed: true,
      pieces: ['sofa', 'plant'],
      maxVariations: 4,
      outputs: [
        { name: 'staged', contentType: 'image/jpeg', description: 'The staged photo' },
        { name: 'layout', contentType: 'application/json', description: 'The room and its furniture' },
      ],
      params: {
        type: 'object',
        properties: {
          quality: { enum: ['preview', 'final'], default: 'final', description: 'How long it may take' },
          clutter: { type: 'number', minimum: 0, maximum: 1 },
          pieces: { type: 'integer', minimum: 1, maximum: 20 },
          label: { type: 'boolean' },
          corner: { type: 'string', pattern: '^\\d+,\\d+$', description: 'A corner as x,y' },
        },
      },
    },
  ],
  rooms: [
    { name: 'bedroom', title: 'Bedroom' },
    { name: 'living_room', title: 'Living room' },
  ],
  styles: [
    { name: 'modern', title: 'Modern' },
    { name: 'scandinavian', title: 'Scandinavian' },
  ],
  upload: {
    contentTypes: ['image/jpeg', 'image/png', 'image/webp', 'image/avif', 'image/heic'],
    maxBytes: 50 * 1024 * 1024,
    maxPixels: 100_000_000,
    batchMax: BATCH_MAX,
  },
};
