import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { z } from 'zod';
import { axesOf } from '../../worker/src/engines/layout/geometry/camera.ts';
import { toGray } from '../../worker/src/engines/layout/geometry/gray.ts';
import { type RoomCamera, solveCamera } from '../../worker/src/engines/layout/geometry/solve.ts';
import { readRoom } from '../../worker/src/engines/layout/room/read.ts';
import { loadPicture, overlapOf, truthOf } from '../../worker/src/engines/layout/room/reading.fixture.ts';
import { repoRoot } from '../support/stack.ts';
import { type Result, result } from './result.ts';

const ROUNDS = 3;
const PHOTOS = join(repoRoot, 'examples/photos');

const Point = z.tuple([z.number(), z.number()]);
const Truth = z.object({
  focal_px: z.number(),
  principal_point: Point,
  vp_vertical: z.unknown(),
  vp_horizontal_a: z.unknown(),
  vp_horizontal_b: z.unknown(),
});

/** How well and how fast the example rooms are read, whose cameras and floors are known. */
export async function reading(): Promise<Result[]> {
  const errors: number[] = [];
  const overlaps: number[] = [];
  const seconds: number[] = [];
  const names = readdirSync(PHOTOS).filter((name) => name.endsWith('.jpg'));
  for (const name of names) {
    const picture = await loadPicture(sharp(join(PHOTOS, name)));
    const path = join(PHOTOS, name.replace('.jpg', '.camera.json'));
    const times: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const begin = process.cpuUsage();
      const camera = solveCamera(toGray(picture.rgb, picture.width, picture.height));
      const read = readRoom(picture, camera);
      const { user, system } = process.cpuUsage(begin);
      times.push((user + system) / 1e6);
      if (round > 0) continue;
      if (camera) errors.push(...axisErrors(Truth.parse(JSON.parse(readFileSync(path, 'utf8'))), camera));
      if (read.kind === 'room') overlaps.push(overlapOf(truthOf(path, picture), read.floor, picture));
    }
    seconds.push(Math.min(...times));
  }
  return [
    result('example rooms that are read', 'of all', overlaps.length, names.length, null),
    result('error of their axes, median', 'degrees', median(errors), null, '<= 1'),
    result('overlap of their floors, median', 'share', median(overlaps), null, '>= 0.85'),
    result('overlap of their floors, least', 'share', Math.min(...overlaps), null, '>= 0.85'),
    result('reading a room, median, processor', 's', median(seconds), null, '<= 0.5'),
    result('reading a room, longest, processor', 's', Math.max(...seconds), null, null),
  ];
}

/** Degrees between each axis whose vanishing point is known and the nearest one that was found. */
function axisErrors(truth: z.infer<typeof Truth>, { camera }: RoomCamera): number[] {
  const { a, b, up } = axesOf(camera);
  return [truth.vp_vertical, truth.vp_horizontal_a, truth.vp_horizontal_b].flatMap((known) => {
    const point = Point.safeParse(known);
    if (!point.success) return [];
    const [x, y] = [point.data[0] - truth.principal_point[0], point.data[1] - truth.principal_point[1]];
    const length = Math.hypot(x, y, truth.focal_px);
    const off = [a, b, up].map(([ax, ay, az]) => Math.abs(ax * x + ay * y + az * truth.focal_px) / length);
    return [(Math.acos(Math.min(1, Math.max(...off))) * 180) / Math.PI];
  });
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
