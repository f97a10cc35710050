import type { Vec3 } from '../../geometry/camera.ts';
import type { Material, Mesh, Style } from '../../scene/types.ts';
import { Assembly } from '../mesh/assembly.ts';
import { box } from '../mesh/box.ts';
import { move } from '../mesh/part.ts';
import { random } from '../mesh/random.ts';
import { boards } from '../parts/casework.ts';
import { WHITE } from '../parts/materials.ts';
import { colour } from '../styles.ts';

const albedo = (material: Material) => ('albedo' in material ? material.albedo : colour('#8a8a8a'));

/** A picture in a frame with a mount, looking towards -z. Its uvs run from the lower left of the picture, in metres. */
export function framedArt(size: Vec3, style: Style, seed: number): Mesh {
  const [width, depth, height] = size;
  const dice = random(seed);
  const assembly = new Assembly();
  const bar = Math.min(style.edges === 'soft' ? 0.024 : 0.018, 0.08 * Math.min(width, height));
  const frame = style.edges === 'soft' ? style.wood : style.metal;
  const make = boards(dice);
  for (const side of [-1, 1]) {
    assembly.add(frame, move(make(bar, height, depth, 1, 0.0022), side * (width / 2 - bar / 2), 0, 0));
    assembly.add(
      frame,
      move(make(width - 2 * bar, bar, depth, 0, 0.0022), 0, side > 0 ? height - bar : 0, 0),
    );
  }
  const mount = Math.min(width, height) * dice.between(0.1, 0.17);
  const inner = [width - 2 * bar, height - 2 * bar] as const;
  assembly.add(
    WHITE,
    move(box(inner[0] + 0.004, inner[1] + 0.004, 0.004, { round: 0 }), 0, bar - 0.002, depth * 0.1),
  );
  const picture: Material = {
    kind: 'art',
    seed,
    palette: [
      albedo(style.ceramic),
      albedo(style.accent),
      albedo(style.upholstery),
      albedo(style.second),
      albedo(style.rug),
      colour('#e9e3d6'),
    ],
  };
  const [w, h] = [inner[0] - 2 * mount, inner[1] - 2 * mount];
  const sheet = box(w, h, 0.002, { round: 0, grain: 0 });
  assembly.add(
    picture,
    move(
      { ...sheet, uvs: sheet.positions.map(([x, y]) => [x + w / 2, y]) },
      0,
      bar + mount,
      depth * 0.1 - 0.003,
    ),
  );
  return assembly.build(size);
}
