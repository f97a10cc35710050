import { z } from 'zod';

/*
 * The layout of a room, for people and programs to read and edit. Everything in it is in one set of coordinates, the
 * room's: a layout moves to another photo of the same room by one turn and one shift, which its walls and openings tell.
 */

/** Largest layout, as JSON without spaces, in characters. */
export const LAYOUT_MAX = 64 * 1024;

const metres = z.number().min(-100).max(100);
const length = z.number().min(0).max(100);
const share = z.number().min(0).max(1);
const wholeNumber = z
  .int()
  .min(0)
  .max(2 ** 32 - 1);
const floorPoint = z.array(metres).length(2);
const word = z.string().max(60);

export const LayoutPiece = z
  .strictObject({
    kind: word.describe('What it is, in the words of the catalog'),
    at: floorPoint.describe('Where its middle stands: metres to the right of the camera and away from it'),
    turn: z
      .number()
      .min(-360)
      .max(360)
      .describe(
        'Where its front looks, degrees: 0 to the camera, 90 to the right, 180 away, -90 to the left',
      ),
    size: z
      .array(length)
      .length(3)
      .describe('Width, depth, height in metres; outside of what its kind allows is an error'),
    lift: z
      .number()
      .min(0)
      .max(5)
      .default(0)
      .describe(
        'Metres from the floor to its lowest point; in the air, with nothing that carries it, is an error',
      ),
    seed: wholeNumber.default(0).describe('Chooses among small differences, as the folds of a cushion'),
  })
  .meta({ id: 'LayoutPiece' });

const Camera = z
  .strictObject({
    width: z.int().min(1).max(20_000),
    height: z.int().min(1).max(20_000),
    focal: z.number().min(1).max(200_000),
    centre: z.array(z.number().min(-100_000).max(100_000)).length(2).describe('Principal point'),
    pitch: z.number().min(-90).max(90).describe('Degrees; above 0 looks up'),
    roll: z.number().min(-90).max(90).describe('Degrees; above 0 is turned clockwise'),
    yaw: z.number().min(-180).max(180).describe('Degrees from the room’s axis to the viewing direction'),
    aboveFloor: z.number().min(0.1).max(20).describe('Metres'),
  })
  .meta({ id: 'LayoutCamera' })
  .describe('The camera of the photo, in pixels of its working size');

const Wall = z
  .strictObject({
    from: floorPoint,
    to: floorPoint.describe('The room lies on the left of the way from `from` to `to`'),
    height: length,
    confidence: share,
  })
  .meta({ id: 'LayoutWall' });

const Opening = z
  .strictObject({
    kind: z.enum(['door', 'window', 'unknown']),
    wall: z.int().min(0).max(99).describe('Index into `walls`'),
    start: metres.describe('Metres along the wall'),
    end: metres,
    bottom: length,
    top: length,
    confidence: share,
  })
  .meta({ id: 'LayoutOpening' });

const KeepOut = z
  .strictObject({
    why: z.enum(['object', 'sun', 'door']),
    outline: z.array(floorPoint).min(3).max(200),
    confidence: share,
  })
  .meta({ id: 'LayoutKeepOut' });

const Room = z
  .strictObject({
    camera: Camera,
    floor: z
      .array(floorPoint)
      .min(3)
      .max(200)
      .describe('The floor that is seen, counter-clockwise from above. A piece beyond it is an error'),
    floorConfidence: share,
    walls: z.array(Wall).max(100),
    openings: z
      .array(Opening)
      .max(100)
      .describe('A piece in the way of a door or in front of a window is a warning'),
    keepOuts: z
      .array(KeepOut)
      .max(100)
      .describe('A piece on a fixture is an error; in the sun or in the way of a door, a warning'),
  })
  .meta({ id: 'LayoutRoom' })
  .describe('What was understood of the photo; change it only to correct it');

export const Layout = z
  .strictObject({
    version: z.literal(1, { error: 'this version of stager reads layouts of version 1' }),
    photoSha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/, 'must be 64 lower-case hexadecimal digits')
      .optional()
      .describe(
        'SHA-256 of the photo that the room was read from. In that photo the layout is rendered as it stands; in another one the room is read anew and the pieces are moved into it',
      ),
    roomType: word,
    style: word,
    seed: wholeNumber,
    variation: wholeNumber,
    room: Room,
    pieces: z
      .array(LayoutPiece)
      .max(80)
      .describe('Two pieces in one place are an error; too little floor about a piece is a warning'),
  })
  .refine((layout) => JSON.stringify(layout).length <= LAYOUT_MAX, {
    error: `is larger than ${LAYOUT_MAX} characters`,
  })
  .meta({ id: 'Layout' })
  .describe(
    'A room and its furniture, as the output `layout` of an image has it: the same one renders the same picture',
  );
export type Layout = z.output<typeof Layout>;
