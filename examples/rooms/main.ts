import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createCamera, describeCamera } from './camera.ts';
import { develop } from './develop.ts';
import { writeJpeg } from './jpeg.ts';
import { render } from './render.ts';
import { ROOMS, sceneOf } from './rooms.ts';

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    scale: { type: 'string', default: '1' },
    samples: { type: 'string', default: '96' },
    out: { type: 'string', default: fileURLToPath(new URL('../photos', import.meta.url)) },
  },
});
const scale = Number(values.scale);
mkdirSync(values.out, { recursive: true });

for (const [index, room] of ROOMS.entries()) {
  if (values.only && !room.name.includes(values.only)) continue;
  const started = performance.now();
  const size = {
    width: Math.round(room.camera.width * scale),
    height: Math.round(room.camera.height * scale),
  };
  const camera = createCamera({ ...room.camera, ...size });
  const linear = render(sceneOf(room), camera, { samples: Number(values.samples), seed: 1000 + index });
  const pixels = develop(linear, {
    ...size,
    exposure: room.exposure ?? 0,
    cast: room.cast ?? [1, 1, 1],
    seed: 2000 + index,
  });
  const file = join(values.out, `${room.name}.jpg`);
  await writeJpeg(file, pixels, camera, room.metadata ?? {});
  const about = describeCamera(camera, { size: room.spec.size, floor: room.floor });
  const openings = room.spec.openings.map(({ panes: _, ...opening }) => opening);
  writeFileSync(
    join(values.out, `${room.name}.camera.json`),
    `${JSON.stringify({ ...about, openings_m: openings }, null, 1)}\n`,
  );
  process.stdout.write(`${room.name} ${Math.round((performance.now() - started) / 1000)} s\n`);
}
