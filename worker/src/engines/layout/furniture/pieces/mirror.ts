import type { Vec3 } from '../../geometry/camera.ts';
import type { Material, Mesh, Style } from '../../scene/types.ts';
import { Assembly } from '../mesh/assembly.ts';
import { box } from '../mesh/box.ts';
import { circle, plate, tube } from '../mesh/loft.ts';
import { move, turn } from '../mesh/part.ts';
import { random } from '../mesh/random.ts';
import { boards } from '../parts/casework.ts';

const SILVER: Material = { kind: 'metal', albedo: [0.8, 0.81, 0.81], roughness: 0.03 };

/** A mirror on the wall, round where it is nearly as wide as high, looking towards -z. */
export function mirror(size: Vec3, style: Style, seed: number): Mesh {
  const [width, depth, height] = size;
  const assembly = new Assembly();
  const frame = style.edges === 'soft' ? style.wood : style.metal;
  if (Math.abs(width / height - 1) < 0.2) {
    const oval = (radius: number, z: number) =>
      circle(radius, 64).map(([x, , y]): Vec3 => [x, height / 2 + (y * height) / width, z]);
    const bar = Math.min(0.014, depth / 2);
    assembly.add(frame, tube(oval(width / 2 - bar, 0), bar, { closed: true, sides: 10 }));
    const disc = turn(plate(circle(width / 2 - bar, 64), 0.006, 0.001, 1), 'x', -Math.PI / 2);
    assembly.add(
      SILVER,
      move(
        { ...disc, positions: disc.positions.map(([x, y, z]): Vec3 => [x, (y * height) / width, z]) },
        0,
        height / 2,
        0.003,
      ),
    );
    return assembly.build(size);
  }
  const make = boards(random(seed));
  const bar = style.edges === 'soft' ? 0.03 : 0.016;
  for (const side of [-1, 1]) {
    assembly.add(frame, move(make(bar, height, depth, 1, 0.004), side * (width / 2 - bar / 2), 0, 0));
    assembly.add(frame, move(make(width - 2 * bar, bar, depth, 0, 0.004), 0, side > 0 ? height - bar : 0, 0));
  }
  assembly.add(
    SILVER,
    move(box(width - 2 * bar + 0.004, height - 2 * bar + 0.004, 0.005, { round: 0.0005 }), 0, bar - 0.002, 0),
  );
  return assembly.build(size);
}
