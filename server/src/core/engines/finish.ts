import { z } from 'zod';
import type { EngineDescriptor } from './descriptor.ts';

export const FinishParams = z.strictObject({
  longEdge: z
    .int()
    .min(640)
    .max(4096)
    .default(2048)
    .describe('Longest side of the finished photo, pixels; a smaller photo is not enlarged'),
  format: z.enum(['jpeg', 'png']).default('jpeg').describe('File format of the finished photo'),
});
export type FinishParams = z.output<typeof FinishParams>;

export const FINISH = {
  name: 'finish',
  title: 'Finish',
  description:
    'Corrects the photo itself (orientation, white balance, exposure, listing size) and removes its location; it adds no furniture.',
  version: '1',
  rooms: [],
  styles: [],
  choiceless: 'it corrects the photo and adds no furniture',
  params: FinishParams,
  outputs: [
    {
      name: 'finished',
      contentType: 'image/jpeg',
      description: 'The finished photo, in the colour profile of the original; PNG with `format: png`',
    },
    { name: 'thumbnail', contentType: 'image/jpeg', description: 'The finished photo at 512 pixels' },
    {
      name: 'before',
      contentType: 'image/jpeg',
      description: 'The photo as it was sent, upright, at 1024 pixels: to compare with',
    },
  ],
  place: 'child',
  maxVariations: 1,
  takesSeed: false,
  pieces: [],
  timeoutMs: 60_000,
  memoryMb: 1024,
} as const satisfies EngineDescriptor;
