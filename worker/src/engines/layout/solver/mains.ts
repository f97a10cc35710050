import type { Vec3 } from '../geometry/camera.ts';
import type { FloorPoint } from '../scene/types.ts';
import { type Idea, type Main, place, sized } from './draft.ts';
import { angleToCamera, SKIRTING } from './ideas.ts';
import type { Scene } from './item.ts';
import { area, crosses, front, type Rect } from './plane.ts';
import { backed, centred, distanced, facing, facingDesk, mean, openAhead, settled } from './terms.ts';
import { alongWall, type Stretch, turnFrom } from './walls.ts';

const STEP = 0.12;
const FLOAT_STEP = 0.25;

interface Spot {
  readonly at: FloorPoint;
  readonly turn: number;
  readonly place: string;
  readonly settled: number;
}

/** Every place for the main piece, with what speaks for it. */
export function mainIdeas(
  scene: Scene,
  stretches: readonly Stretch[],
  { kind, widths, floats }: Main,
): Idea[] {
  const ideas: Idea[] = [];
  const sizes = widths(area(scene.room.floor)).flatMap((width, rank) => {
    const usual = { size: sized(kind, width), loss: 0.05 * rank };
    // A low headboard may stand under a window.
    return kind === 'bed'
      ? [usual, { size: sized(kind, width, undefined, 0), loss: usual.loss + 0.03 }]
      : [usual];
  });
  for (const { size, loss } of sizes) {
    const spots = [...wallSpots(scene, stretches, size), ...(floats ? freeSpots(scene, kind) : [])];
    for (const spot of spots)
      ideas.push({
        placed: place(kind, spot.at, spot.turn, size),
        place: `${kind} ${spot.place}`,
        worth: worthOf(scene, kind, size, spot) - loss,
      });
  }
  return ideas;
}

/** With no face, and no back that wants a wall. */
const TABLES = ['dining_table', 'round_table'];

/** How a main piece looks from the camera. */
export function faceOf(kind: string, angle: number): number {
  if (TABLES.includes(kind)) return 0.9;
  return kind === 'desk' ? facingDesk(angle) : facing(angle);
}

function worthOf(scene: Scene, kind: string, size: Vec3, { at, turn, ...spot }: Spot): number {
  const { room, picture } = scene;
  const pixel = picture.project([at[0], size[2] / 2, at[1]]);
  if (!pixel) return 0;
  const rect: Rect = { at, turn, width: size[0], depth: size[1] };
  const face = faceOf(kind, angleToCamera(at, turn));
  return mean([
    [3, face],
    [1.5, centred(pixel[0] / room.width)],
    [1, distanced(Math.hypot(at[0], at[1]))],
    [1, spot.settled],
    [2, backing(scene, kind, rect)],
    [1, openAhead(freeFloor(scene, rect, 'ahead'))],
  ]);
}

function* wallSpots({ room }: Scene, stretches: readonly Stretch[], size: Vec3): Generator<Spot> {
  for (const { wall: index, start, end } of stretches) {
    const wall = room.walls[index];
    const spare = end - start - size[0];
    if (!wall || spare < 0) continue;
    const count = Math.ceil(spare / STEP / 2) * 2 || 1;
    for (let n = 0; n <= count; n += 1) {
      const along = start + size[0] / 2 + (spare * n) / count;
      yield {
        at: alongWall(wall, along, SKIRTING + size[1] / 2),
        turn: turnFrom(wall),
        place: `wall ${index}`,
        settled: settled(along - (start + end) / 2, spare),
      };
    }
  }
}

/** Quarter turns that are worth trying away from walls: a sofa never shows its back, a desk may. */
const QUARTERS: Readonly<Record<string, readonly number[]>> = {
  dining_table: [0, 1],
  round_table: [0],
  desk: [1, 2, 3],
  armchair: [-0.6, -0.35, 0.35, 0.6],
};

/** Away from walls, in line with them. */
function* freeSpots({ room }: Scene, kind: string): Generator<Spot> {
  const xs = room.floor.map(([x]) => x);
  const zs = room.floor.map(([, z]) => z);
  const quarters = QUARTERS[kind] ?? [0, 1, 3];
  const middle = [(Math.min(...xs) + Math.max(...xs)) / 2, (Math.min(...zs) + Math.max(...zs)) / 2] as const;
  for (let x = Math.min(...xs); x < Math.max(...xs); x += FLOAT_STEP)
    for (let z = Math.min(...zs); z < Math.max(...zs); z += FLOAT_STEP)
      for (const quarter of quarters)
        yield {
          at: [x, z],
          turn: (quarter * Math.PI) / 2,
          place: `free ${quarter}`,
          settled: Math.max(0, 1 - Math.hypot(x - middle[0], z - middle[1]) / 3),
        };
}

/** How well the back of a main piece is covered, as far as it needs to be. */
export function backing(scene: Scene, kind: string, rect: Rect): number {
  if (TABLES.includes(kind)) return 1;
  const value = backed(freeFloor(scene, rect, 'behind'));
  return kind === 'desk' ? Math.max(0.4, value) : value;
}

const PROBE = 0.25;

/** Metres of floor in front of a piece or behind it up to the first wall, looked for up to 3 m. */
function freeFloor({ room }: Scene, { at, turn, width, depth }: Rect, way: 'ahead' | 'behind'): number {
  const [fx, fz] = front(way === 'ahead' ? turn : turn + Math.PI);
  for (let free = PROBE; free <= 3; free += PROBE) {
    const middle = depth / 2 + free / 2;
    const strip: Rect = {
      at: [at[0] + fx * middle, at[1] + fz * middle],
      turn,
      width: width * 0.6,
      depth: free,
    };
    if (room.walls.some(({ from, to }) => crosses(strip, from, to))) return free - PROBE;
  }
  return 3;
}
