import { add, cross, dot, normalize, scale, sub, type Vec } from './vec.ts';

export interface CameraSpec {
  readonly position: Vec;
  /** Degrees: 0 looks along y, positive turns to the right. */
  readonly yaw: number;
  /** Degrees, negative looks down. */
  readonly pitch: number;
  /** Degrees, positive turns the camera clockwise. */
  readonly roll: number;
  /** Horizontal, degrees. */
  readonly hfov: number;
  /** Pixels. */
  readonly width: number;
  readonly height: number;
}

export interface Camera extends CameraSpec {
  /** Pixels. */
  readonly focal: number;
  readonly right: Vec;
  readonly down: Vec;
  readonly forward: Vec;
}

const radians = (degrees: number): number => (degrees * Math.PI) / 180;

/** A pinhole camera with square pixels and its principal point in the middle. */
export function createCamera(spec: CameraSpec): Camera {
  const yaw = radians(spec.yaw);
  const pitch = radians(spec.pitch);
  const roll = radians(spec.roll);
  const forward: Vec = [Math.sin(yaw) * Math.cos(pitch), Math.cos(yaw) * Math.cos(pitch), Math.sin(pitch)];
  const level = normalize(cross(forward, [0, 0, 1]));
  const below = cross(forward, level);
  const right = add(scale(level, Math.cos(roll)), scale(below, Math.sin(roll)));
  const down = sub(scale(below, Math.cos(roll)), scale(level, Math.sin(roll)));
  const focal = spec.width / 2 / Math.tan(radians(spec.hfov) / 2);
  return { ...spec, focal, right, down, forward };
}

/** Direction through a point of the picture, not of unit length. */
export function rayThrough(camera: Camera, x: number, y: number): Vec {
  const u = (x - camera.width / 2) / camera.focal;
  const v = (y - camera.height / 2) / camera.focal;
  const { right, down, forward } = camera;
  return [
    forward[0] + right[0] * u + down[0] * v,
    forward[1] + right[1] * u + down[1] * v,
    forward[2] + right[2] * u + down[2] * v,
  ];
}

/** Where a direction ends in the picture, pixels; null when it is parallel to the picture. */
export function vanishingPoint(camera: Camera, direction: Vec): [number, number] | null {
  const depth = dot(direction, camera.forward);
  if (Math.abs(depth) < 1e-3) return null;
  const x = camera.width / 2 + (camera.focal * dot(direction, camera.right)) / depth;
  const y = camera.height / 2 + (camera.focal * dot(direction, camera.down)) / depth;
  return [x, y];
}

export function project(camera: Camera, point: Vec): [number, number] | null {
  const toPoint = sub(point, camera.position);
  return dot(toPoint, camera.forward) <= 1e-6 ? null : vanishingPoint(camera, toPoint);
}

/** A polygon of the room as it is seen, in pixels: cut at the camera and at the edges of the picture. */
export function projectPolygon(camera: Camera, polygon: readonly Vec[]): [number, number][] {
  const near = 0.01;
  const depth = (p: Vec) => dot(sub(p, camera.position), camera.forward) - near;
  const inFront = clip([...polygon], depth, (a, b, t) => add(a, scale(sub(b, a), t)));
  let seen = inFront.flatMap((point) => {
    const pixel = project(camera, point);
    return pixel ? [pixel] : [];
  });
  const edges: ((p: [number, number]) => number)[] = [
    ([x]) => x,
    ([x]) => camera.width - x,
    ([, y]) => y,
    ([, y]) => camera.height - y,
  ];
  for (const edge of edges) {
    seen = clip(seen, edge, (a, b, t): [number, number] => [
      a[0] + (b[0] - a[0]) * t,
      a[1] + (b[1] - a[1]) * t,
    ]);
  }
  return seen;
}

/** Sutherland-Hodgman against one edge. */
function clip<P>(points: readonly P[], inside: (p: P) => number, between: (a: P, b: P, t: number) => P): P[] {
  return points.flatMap((point, i) => {
    const before = points.at(i - 1) ?? point;
    const a = inside(before);
    const b = inside(point);
    const crossing = a >= 0 !== b >= 0 ? [between(before, point, a / (a - b))] : [];
    return b >= 0 ? [...crossing, point] : crossing;
  });
}

/** What stands beside each picture. Pixels with the origin at the top left, y down; metres; degrees. */
export function describeCamera(camera: Camera, room: { size: Vec; floor: readonly Vec[] }) {
  const horizon = (x: number) => {
    // The horizon is the set of level directions: solve for the y whose ray has no height.
    const [left, right] = [rayThrough(camera, x, 0), rayThrough(camera, x, 1)];
    return round(-left[2] / (right[2] - left[2]));
  };
  const vanishing = (direction: Vec) => {
    const point = vanishingPoint(camera, direction);
    if (point) return point.map(round);
    const angle = Math.atan2(dot(direction, camera.down), dot(direction, camera.right));
    return { at_infinity: true, direction_deg: round((angle * 180) / Math.PI) };
  };
  return {
    width: camera.width,
    height: camera.height,
    focal_px: round(camera.focal),
    hfov_deg: camera.hfov,
    principal_point: [camera.width / 2, camera.height / 2],
    position_m: camera.position,
    yaw_deg: camera.yaw,
    pitch_deg: camera.pitch,
    roll_deg: camera.roll,
    horizon_y_at_left_and_right: [horizon(0), horizon(camera.width)],
    vp_vertical: vanishing([0, 0, -1]),
    vp_horizontal_a: vanishing([0, 1, 0]),
    vp_horizontal_b: vanishing([1, 0, 0]),
    room_size_m: room.size,
    floor_polygon_px: projectPolygon(camera, room.floor).map((point) => point.map(round)),
  };
}

const round = (value: number): number => Math.round(value * 10) / 10;
