import type { Vec3 } from '../../geometry/camera.ts';
import type { Material, Mesh, Style } from '../../scene/types.ts';
import { Assembly } from '../mesh/assembly.ts';
import { box } from '../mesh/box.ts';
import { plate, rectangle } from '../mesh/loft.ts';
import { move, warp } from '../mesh/part.ts';
import { noise, random } from '../mesh/random.ts';

/** A rug, its pattern centred; its edges are not drawn with a ruler, and woven ones end in fringes. */
export function rug(size: Vec3, style: Style, seed: number): Mesh {
  const [width, depth, height] = size;
  const dice = random(seed);
  const given = style.rug;
  const assembly = new Assembly();
  const fringe = style.edges === 'soft' ? 0.045 : 0;
  const long = width >= depth;
  const [w, d] = long ? [width - 2 * fringe, depth] : [width, depth - 2 * fringe];
  const layer = (x: number, z: number, from: number, thick: number) => {
    const part = plate(dense(x, z), thick, Math.min(0.006, thick * 0.5), 3);
    return move(
      warp(part, ([px, y, pz]) => [
        px + 0.004 * noise(pz * 4, 0.5, px, seed),
        y,
        pz + 0.004 * noise(px * 4, 3.5, pz, seed),
      ]),
      0,
      from,
      0,
    );
  };
  if (given.kind === 'rug' && given.pattern === 'border') {
    const band: Material = { ...given, albedo: given.second, second: given.albedo, pattern: 'plain' };
    const field: Material = { ...given, pattern: 'plain' };
    assembly.add(field, layer(w, d, 0, height - 0.001));
    const [inset, wide] = [Math.min(0.16, depth * 0.09), 0.045];
    assembly.add(band, layer(w - 2 * inset, d - 2 * inset, height * 0.5, height * 0.5 - 0.0004));
    assembly.add(
      field,
      layer(w - 2 * inset - 2 * wide, d - 2 * inset - 2 * wide, height * 0.5, height * 0.5),
    );
  } else assembly.add(given, layer(w, d, 0, height));
  if (fringe > 0 && given.kind === 'rug') {
    const yarn: Material = { ...given, pattern: 'plain' };
    const end = long ? depth : width;
    const count = Math.round(end / 0.02);
    for (let n = 0; n < count; n += 1) {
      const along = -end / 2 + ((n + 0.5) * end) / count;
      for (const side of [-1, 1]) {
        const skew = dice.between(-0.006, 0.006);
        const reach = fringe * dice.between(0.8, 1) + 0.006;
        const tuft = warp(box(reach, height * 0.42, 0.014, { round: 0, bevel: 0 }), ([x, y, z]) => {
          const t = x / reach + 0.5;
          return [x, y * (1 - 0.4 * t), z * (1 - 0.35 * t) + skew * t];
        });
        const out = (long ? w : d) / 2 + reach / 2 - 0.006;
        assembly.add(
          yarn,
          long
            ? move(side > 0 ? tuft : warp(tuft, ([x, y, z]) => [-x, y, z]), side * out, 0, along)
            : move(
                warp(tuft, ([x, y, z]) => [z, y, side * x]),
                along,
                0,
                side * out,
              ),
        );
      }
    }
  }
  return assembly.build(size);
}

/** A rectangle with points along its sides, for their waves. */
function dense(x: number, z: number): Vec3[] {
  const corners = rectangle(x, z, 0.012, 3);
  return corners.flatMap((point, n) => {
    const next = corners[(n + 1) % corners.length] ?? point;
    const far = Math.hypot(next[0] - point[0], next[2] - point[2]);
    const count = Math.max(1, Math.min(24, Math.round(far / 0.1)));
    return Array.from(
      { length: count },
      (_, k): Vec3 => [
        point[0] + ((next[0] - point[0]) * k) / count,
        0,
        point[2] + ((next[2] - point[2]) * k) / count,
      ],
    );
  });
}
