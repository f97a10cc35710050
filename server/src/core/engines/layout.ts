import { z } from 'zod';
import type { EngineDescriptor } from './descriptor.ts';

/** Corners of a floor: at least three of `x,y`, in pixels of the upright photo. */
const CORNERS = /^\s*\d+(\.\d+)?\s*,\s*\d+(\.\d+)?\s*(;\s*\d+(\.\d+)?\s*,\s*\d+(\.\d+)?\s*){2,19}$/;

export const LayoutParams = z.strictObject({
  quality: z
    .enum(['preview', 'final'])
    .default('final')
    .describe('`preview` is small and quick, for choosing; `final` is for use'),
  floor: z
    .string()
    .max(600)
    .regex(CORNERS, 'three to twenty corners as x,y;x,y;x,y')
    .optional()
    .describe(
      'Corners of the floor that can be seen, in pixels of the photo: x,y;x,y;x,y;x,y. Takes the place of what is read from the photo',
    ),
  horizon: z
    .number()
    .min(-20_000)
    .max(40_000)
    .optional()
    .describe('Height in the photo at which the camera looks straight ahead, pixels from the top'),
  cameraHeight: z
    .number()
    .min(0.6)
    .max(3)
    .optional()
    .describe(
      'Metres from the floor to the camera: sets the scale of the furniture. Default: judged from doors and ceiling',
    ),
  label: z
    .enum(['on-image', 'caption'])
    .default('on-image')
    .describe('Where “Virtually staged” is written: in a corner of the picture, or in a band below it'),
  longEdge: z
    .int()
    .min(640)
    .max(4096)
    .optional()
    .describe(
      'Longest side of the staged picture, pixels; a smaller photo is not enlarged. Default: 2048, and 800 for a preview',
    ),
  format: z
    .enum(['jpeg', 'png'])
    .default('jpeg')
    .describe('File format of the staged and of the finished picture'),
});
export type LayoutParams = z.output<typeof LayoutParams>;

export const LAYOUT = {
  name: 'layout',
  title: 'Layout preview',
  description:
    'A layout preview: places rendered furniture in the true perspective of an empty room, changes nothing else, checks that, and labels the picture; refuses photos whose perspective or floor it cannot read for certain.',
  version: '1',
  rooms: [
    'living_room',
    'family_room',
    'bedroom',
    'guest_room',
    'kids_room',
    'nursery',
    'dining_room',
    'kitchen_dining',
    'home_office',
    'reading_nook',
    'entryway',
    'studio',
  ],
  styles: [
    'scandinavian',
    'modern',
    'midcentury',
    'industrial',
    'farmhouse',
    'coastal',
    'luxury',
    'transitional',
    'japandi',
    'boho',
  ],
  choiceless: null,
  params: LayoutParams,
  outputs: [
    {
      name: 'staged',
      contentType: 'image/jpeg',
      description: 'The layout preview, labelled “Virtually staged”; PNG with `format: png`',
    },
    {
      name: 'finished',
      contentType: 'image/jpeg',
      description: 'The same photo without furniture, corrected as by the engine finish: what lies below',
    },
    {
      name: 'mask',
      contentType: 'image/png',
      description: 'What may differ between the two: furniture in red, shadow in green, label in blue',
    },
    {
      name: 'depth',
      contentType: 'image/png',
      description: 'Distance from the camera of room and furniture in millimetres, 16 bits',
    },
    {
      name: 'lines',
      contentType: 'image/png',
      description:
        'The straight edges that the perspective was read from, in red, green and blue by direction; the floor in white',
    },
    {
      name: 'layout',
      contentType: 'application/json',
      description: 'The room as it was understood and each piece in metres',
    },
    {
      name: 'report',
      contentType: 'application/json',
      description: 'How certain the geometry is, and what the check of the guarantee found',
    },
    { name: 'thumbnail', contentType: 'image/jpeg', description: 'The layout preview at 512 pixels' },
    {
      name: 'before',
      contentType: 'image/jpeg',
      description: 'The photo as it was sent, upright, at 1024 pixels: to compare with',
    },
  ],
  place: 'child',
  maxVariations: 6,
  takesSeed: true,
  pieces: [
    'sofa',
    'armchair',
    'bed',
    'chair',
    'bench',
    'pouf',
    'bar_stool',
    'desk_chair',
    'kids_bed',
    'bunk_bed',
    'crib',
    'nightstand',
    'coffee_table',
    'side_table',
    'dining_table',
    'round_table',
    'desk',
    'bookcase',
    'sideboard',
    'tv_unit',
    'dresser',
    'wardrobe',
    'filing_cabinet',
    'console_table',
    'shoe_bench',
    'coat_rack',
    'rug',
    'floor_lamp',
    'plant',
    'framed_art',
    'mirror',
    'table_lamp',
    'television',
    'books',
    'bowl',
    'vase',
  ],
  timeoutMs: 300_000,
  memoryMb: 1024,
} as const satisfies EngineDescriptor;
