import type { LayoutParams } from '@stager/server/core/engines/layout';
import { decode } from '../finish/decode.ts';
import { sharp } from '../sharp.ts';
import { EngineError, type EngineInput } from '../types.ts';
import { toGray } from './geometry/gray.ts';
import { type RoomCamera, solveCamera } from './geometry/solve.ts';
import { withWays } from './narrow.ts';
import { lifted } from './room/exposure.ts';
import type { Picture } from './room/picture.ts';
import { type Hints, type Read, type Refusal, readRoom } from './room/read.ts';
import { scaleRoom } from './scene/scaleRoom.ts';
import type { Room } from './scene/types.ts';
import { withUnexplained } from './unexplained.ts';

/** Long side of the copy that is measured, pixels: all limits of certainty were found at this size. */
const WORKING_SIDE = 960;

export interface Understood {
  readonly read: Read;
  readonly camera: RoomCamera | undefined;
  readonly room: Room;
  /** The copy that was measured. */
  readonly picture: Picture;
}

/**
 * A photo as it is measured: from a copy of its own, so that a preview and the final picture of a photo have the same
 * layout.
 */
export async function measure(
  originalPath: string,
): Promise<{ picture: Picture; camera: RoomCamera | undefined }> {
  const { pixels } = await decode(originalPath, WORKING_SIDE);
  const raw = { width: pixels.width, height: pixels.height, channels: 3 } as const;
  const { data, info } = await sharp(pixels.data, { raw })
    .resize(WORKING_SIDE, WORKING_SIDE, { fit: 'inside' })
    .raw()
    .toBuffer({ resolveWithObject: true });
  const picture = lifted({ rgb: data, width: info.width, height: info.height });
  return { picture, camera: solveCamera(toGray(picture.rgb, info.width, info.height)) };
}

/** The room in a photo. Rejects with `not_a_room`, `geometry_uncertain` or `room_not_empty`. */
export async function understand(
  { originalPath, width, height }: Pick<EngineInput, 'originalPath' | 'width' | 'height'>,
  params: LayoutParams,
): Promise<Understood> {
  const { picture, camera } = await measure(originalPath);
  const read = readRoom(picture, camera, hintsOf(params, WORKING_SIDE / Math.max(width, height)));
  if (read.kind !== 'room') throw refuse(read);
  const { cameraHeight } = params;
  const room =
    cameraHeight === undefined ? read.room : scaleRoom(read.room, cameraHeight / read.room.cameraHeight);
  return { read, camera, room: withWays(withUnexplained(room, camera?.segments ?? [])), picture };
}

function hintsOf({ floor, horizon }: LayoutParams, scale: number): Hints {
  return {
    ...(floor === undefined ? {} : { floor: parseFloor(floor, scale) }),
    ...(horizon === undefined ? {} : { horizon: horizon * scale }),
  };
}

function parseFloor(floor: string, scale: number): (readonly [number, number])[] {
  return floor.split(';').map((corner) => {
    const [x = 0, y = 0] = corner.split(',').map(Number);
    return [x * scale, y * scale] as const;
  });
}

const CODES = {
  not_a_room: 'not_a_room',
  geometry_uncertain: 'geometry_uncertain',
  furnished: 'room_not_empty',
} as const satisfies Record<Refusal['kind'], string>;

function refuse({ kind, why, hint }: Refusal): EngineError {
  return new EngineError(CODES[kind], why, { hint });
}
