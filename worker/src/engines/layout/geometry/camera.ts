/** A point or direction in the frame of the camera: x to the right, y down, z into the picture. */
export type Vec3 = readonly [number, number, number];

/** How the camera is held, in radians. */
export interface Pose {
  /** Above 0 looks up. */
  readonly pitch: number;
  /** Above 0 is turned clockwise: the right side of the horizon stands higher in the picture. */
  readonly roll: number;
  /** From the room's axis `a` to the viewing direction, -45 to 45 degrees: a room looks the same a quarter turn on. */
  readonly yaw: number;
}

/** A pinhole camera in pixels of its picture; origin top left, y down. */
export interface Camera extends Pose {
  readonly focal: number;
  /** Principal point. */
  readonly cx: number;
  readonly cy: number;
}

/** The room's three axes as unit directions of the camera: two level ones and up. */
export interface Axes {
  readonly a: Vec3;
  readonly b: Vec3;
  readonly up: Vec3;
}

export function axesOf({ pitch, roll, yaw }: Pose): Axes {
  const cp = Math.cos(pitch);
  const sp = Math.sin(pitch);
  const cr = Math.cos(roll);
  const sr = Math.sin(roll);
  const cy = Math.cos(yaw);
  const sy = Math.sin(yaw);
  // Level with the horizon: ahead (0, sp, cp), to the right (1, 0, 0), up (0, -cp, sp). Then the picture is rolled.
  const rolled = (x: number, y: number, z: number): Vec3 => [x * cr + y * sr, y * cr - x * sr, z];
  return {
    a: rolled(-sy, cy * sp, cy * cp),
    b: rolled(cy, sy * sp, sy * cp),
    up: rolled(0, -cp, sp),
  };
}

/** Where a direction vanishes, in pixels; undefined when it is parallel to the picture. */
export function vanishingPoint(camera: Camera, [x, y, z]: Vec3): readonly [number, number] | undefined {
  if (Math.abs(z) < 1e-9) return undefined;
  return [camera.cx + (camera.focal * x) / z, camera.cy + (camera.focal * y) / z];
}

/** Height of the horizon in the picture at a column, in pixels from the top. */
export function horizonAt(camera: Camera, x: number): number {
  const { up } = axesOf(camera);
  // All (u, v, f) square to `up` lie on it.
  return camera.cy - (up[0] * (x - camera.cx) + up[2] * camera.focal) / up[1];
}

/** Full-frame equivalent on the long side of the picture: 36 mm across it. */
export function focalPixels(millimetres: number, longSide: number): number {
  return (millimetres * longSide) / 36;
}
