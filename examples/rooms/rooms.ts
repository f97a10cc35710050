import { box, buildScene, onWall, plate, type RoomSpec, radiator } from './build.ts';
import type { CameraSpec } from './camera.ts';
import { carpet, herringbone, lacquer, paint, planks, tiles } from './materials.ts';
import type { Box, Scene } from './scene.ts';
import { normalize, type Vec } from './vec.ts';

export interface Room {
  readonly name: string;
  readonly spec: RoomSpec;
  readonly camera: CameraSpec;
  /** Corners of the floor, in order. */
  readonly floor: readonly Vec[];
  /** Stops above or below what a meter would choose. */
  readonly exposure?: number;
  /** Error of the camera's white balance: gains of red, green, blue. */
  readonly cast?: Vec;
  readonly metadata?: {
    readonly orientation6?: boolean;
    readonly gps?: boolean;
    readonly displayP3?: boolean;
  };
}

const LANDSCAPE = { width: 1200, height: 800 };
const WHITE = paint([0.78, 0.77, 0.74]);
const rectangle = ([w, d]: Vec): Vec[] => [
  [0, 0, 0],
  [w, 0, 0],
  [w, d, 0],
  [0, d, 0],
];

const OAK = { light: [0.5, 0.34, 0.19] as Vec, dark: [0.33, 0.2, 0.1] as Vec };

function living(): Room {
  const size: Vec = [5.4, 6.2, 2.65];
  return {
    name: '01-living-room',
    floor: rectangle(size),
    spec: {
      size,
      walls: WHITE,
      accents: { east: paint([0.62, 0.64, 0.6]) },
      floor: planks(OAK),
      openings: [
        { side: 'north', kind: 'window', at: 0.8, width: 1.7, bottom: 0.75, height: 1.55, panes: [2, 1] },
        { side: 'north', kind: 'window', at: 3.1, width: 1.5, bottom: 0.75, height: 1.55, panes: [2, 1] },
        { side: 'west', kind: 'window', at: 3.2, width: 1.4, bottom: 0.05, height: 2.2, panes: [2, 1] },
        { side: 'east', kind: 'door', at: 4.1, width: 0.88, bottom: 0, height: 2.05 },
      ],
      extras: [
        ...radiator(size, 'north', 1, 1.3),
        ...plate(size, 'east', 3.8, 1.1),
        ...plate(size, 'east', 2.2, 0.3),
      ],
      sky: { sun: normalize([-0.75, 0.22, 0.6]), sunStrength: 38, strength: 7 },
    },
    camera: { position: [4.3, 0.5, 1.4], yaw: -17, pitch: -4, roll: 0, hfov: 76, ...LANDSCAPE },
  };
}

function bedroom(): Room {
  const size: Vec = [4.1, 4.4, 2.5];
  return {
    name: '02-bedroom',
    floor: rectangle(size),
    spec: {
      size,
      walls: paint([0.7, 0.68, 0.66]),
      accents: { north: paint([0.4, 0.47, 0.52]) },
      floor: carpet([0.47, 0.44, 0.4]),
      openings: [
        { side: 'east', kind: 'window', at: 1.7, width: 1.6, bottom: 0.85, height: 1.35, panes: [2, 1] },
        { side: 'west', kind: 'door', at: 3.2, width: 0.82, bottom: 0, height: 2.03 },
      ],
      extras: [
        ...radiator(size, 'east', 1.9, 1.2),
        ...plate(size, 'north', 0.7, 0.3),
        ...plate(size, 'north', 3.2, 0.3),
      ],
      sky: { sun: null, sunStrength: 0, strength: 9 },
    },
    camera: { position: [1.1, 0.35, 1.35], yaw: 14, pitch: -6, roll: 0, hfov: 78, ...LANDSCAPE },
    metadata: { displayP3: true },
  };
}

function dining(): Room {
  const size: Vec = [4.6, 5, 2.9];
  return {
    name: '03-dining-room',
    floor: rectangle(size),
    spec: {
      size,
      walls: paint([0.72, 0.66, 0.55]),
      floor: herringbone([0.46, 0.29, 0.15], [0.3, 0.17, 0.08]),
      openings: [
        { side: 'north', kind: 'window', at: 0.6, width: 1.2, bottom: 0.5, height: 1.95, panes: [2, 3] },
        { side: 'north', kind: 'window', at: 2.7, width: 1.2, bottom: 0.5, height: 1.95, panes: [2, 3] },
        { side: 'east', kind: 'passage', at: 2.2, width: 1.5, bottom: 0, height: 2.2 },
      ],
      extras: [
        onWall(size, 'west', [0, 5], [0.86, 0.93], [0, 0.022], lacquer([0.8, 0.79, 0.76])),
        ...plate(size, 'west', 3.9, 0.3),
      ],
      sky: { sun: normalize([0.3, 0.8, 0.52]), sunStrength: 34, strength: 7 },
    },
    camera: { position: [2.2, 0.3, 1.5], yaw: 3, pitch: -3, roll: 0, hfov: 74, ...LANDSCAPE },
    cast: [1.16, 1, 0.78],
  };
}

function office(): Room {
  const size: Vec = [3.4, 3.9, 2.5];
  return {
    name: '04-home-office',
    floor: rectangle(size),
    spec: {
      size,
      walls: paint([0.75, 0.76, 0.75]),
      accents: { west: paint([0.3, 0.38, 0.33]) },
      floor: planks({ light: [0.42, 0.37, 0.31], dark: [0.27, 0.23, 0.19], width: 0.19, deep: false }),
      openings: [
        { side: 'north', kind: 'window', at: 0.9, width: 1.6, bottom: 0.8, height: 1.4, panes: [3, 1] },
        { side: 'east', kind: 'door', at: 2.6, width: 0.8, bottom: 0, height: 2.02 },
      ],
      extras: [
        ...radiator(size, 'north', 1.1, 1.2),
        ...plate(size, 'west', 2.6, 0.3),
        ...plate(size, 'east', 2.35, 1.1),
      ],
      sky: { sun: null, sunStrength: 0, strength: 8 },
    },
    camera: { position: [1.7, 0.25, 1.45], yaw: 0, pitch: -2, roll: 0, hfov: 80, ...LANDSCAPE },
  };
}

function lShape(): Room {
  const size: Vec = [7, 6.4, 2.7];
  const corner: Box = box([-0.2, 3.4, 0], [2.9, 6.6, 2.7], WHITE);
  return {
    name: '05-open-plan',
    floor: [
      [0, 0, 0],
      [7, 0, 0],
      [7, 6.4, 0],
      [2.9, 6.4, 0],
      [2.9, 3.4, 0],
      [0, 3.4, 0],
    ],
    spec: {
      size,
      walls: WHITE,
      floor: planks({
        light: [0.58, 0.45, 0.3],
        dark: [0.42, 0.3, 0.18],
        width: 0.2,
        length: 2.2,
        deep: false,
      }),
      openings: [
        { side: 'east', kind: 'window', at: 1.2, width: 2.2, bottom: 0.04, height: 2.25, panes: [3, 1] },
        { side: 'north', kind: 'window', at: 4, width: 1.8, bottom: 0.8, height: 1.4, panes: [2, 1] },
        { side: 'west', kind: 'window', at: 0.9, width: 1.3, bottom: 0.9, height: 1.3, panes: [2, 1] },
      ],
      extras: [
        corner,
        box([0, 3.386, 0], [2.914, 3.4, 0.09], lacquer([0.8, 0.8, 0.78])),
        box([2.9, 3.386, 0], [2.914, 6.4, 0.09], lacquer([0.8, 0.8, 0.78])),
        ...plate(size, 'north', 6.2, 0.3),
      ],
      sky: { sun: normalize([0.8, -0.15, 0.55]), sunStrength: 36, strength: 7 },
    },
    camera: { position: [1.1, 0.45, 1.5], yaw: 36, pitch: -5, roll: 1.4, hfov: 84, ...LANDSCAPE },
  };
}

function kitchen(): Room {
  const size: Vec = [4.4, 4.8, 2.55];
  const front = lacquer([0.66, 0.68, 0.66], 0.12);
  const top = lacquer([0.16, 0.16, 0.17], 0.3);
  const cabinets: Box[] = [
    box([0.02, 2.1, 0.1], [0.58, 4.78, 0.86], front),
    box([0, 2.08, 0.86], [0.62, 4.8, 0.9], top),
  ];
  const uppers: Box[] = [box([0, 2.1, 1.45], [0.35, 4.8, 2.2], front)];
  for (let i = 0; i < 4; i += 1) {
    const y = 2.13 + i * 0.66;
    cabinets.push(box([0.58, y, 0.12], [0.6, y + 0.63, 0.84], front));
    cabinets.push(box([0.6, y + 0.18, 0.76], [0.625, y + 0.45, 0.775], lacquer([0.35, 0.35, 0.35], 0.5)));
    uppers.push(box([0.35, y, 1.47], [0.37, y + 0.63, 2.18], front));
  }
  return {
    name: '06-kitchen-living',
    floor: rectangle(size),
    spec: {
      size,
      walls: WHITE,
      floor: tiles([0.55, 0.51, 0.46], 0.45, [0.36, 0.34, 0.31]),
      openings: [
        { side: 'north', kind: 'window', at: 1.5, width: 1.9, bottom: 0.95, height: 1.25, panes: [3, 1] },
        { side: 'east', kind: 'window', at: 1.2, width: 1.8, bottom: 0.05, height: 2.1, panes: [2, 1] },
      ],
      extras: [
        ...cabinets,
        ...uppers,
        onWall(
          size,
          'west',
          [2.1, 4.8],
          [0.9, 1.45],
          [0, 0.008],
          tiles([0.72, 0.73, 0.72], 0.1, [0.6, 0.6, 0.6]),
        ),
      ],
      sky: { sun: normalize([0.7, 0.25, 0.6]), sunStrength: 30, strength: 7 },
    },
    camera: { position: [3.3, 0.35, 1.5], yaw: -22, pitch: -6, roll: 0, hfov: 80, ...LANDSCAPE },
    metadata: { gps: true },
  };
}

function attic(): Room {
  const size: Vec = [4.4, 4.8, 2.6];
  const knee = 1;
  const run = 2.1;
  const rise = size[2] - knee;
  const normal = normalize([rise, 0, -run]);
  const hole = { y: [1.7, 2.6] as const, z: [1.5, 2.25] as const };
  const xAt = (z: number) => ((z - knee) / rise) * run;
  const length: Vec = [xAt(hole.z[1]) - xAt(hole.z[0]), 0, hole.z[1] - hole.z[0]];
  return {
    name: '07-attic',
    floor: rectangle(size),
    spec: {
      size,
      walls: paint([0.76, 0.74, 0.7]),
      floor: planks({ light: [0.62, 0.46, 0.28], dark: [0.46, 0.31, 0.17], width: 0.14 }),
      openings: [
        { side: 'north', kind: 'window', at: 2.3, width: 1.1, bottom: 0.7, height: 1.3, panes: [2, 1] },
      ],
      slopes: [
        {
          point: [0, 0, knee],
          normal,
          material: paint([0.78, 0.77, 0.75]),
          extent: [-0.1, size[1] + 0.1],
          holes: [hole],
        },
      ],
      skylights: [
        {
          corner: [xAt(hole.z[0]) - 0.02, hole.y[0], hole.z[0]],
          sideA: [0, hole.y[1] - hole.y[0], 0],
          sideB: length,
          normal,
        },
      ],
      extras: [
        box([2.35, 3.5, 0], [2.49, 3.64, 2.6], lacquer([0.36, 0.24, 0.14])),
        box([2.35, 0, 2.42], [2.49, 4.8, 2.56], lacquer([0.36, 0.24, 0.14])),
      ],
      sky: { sun: normalize([-0.6, 0.1, 0.75]), sunStrength: 34, strength: 8 },
    },
    camera: { position: [3.5, 0.35, 1.45], yaw: -14, pitch: -5, roll: 0, hfov: 78, ...LANDSCAPE },
  };
}

function study(): Room {
  const size: Vec = [2.9, 3.6, 2.45];
  return {
    name: '08-small-study-dim',
    floor: rectangle(size),
    spec: {
      size,
      walls: paint([0.6, 0.55, 0.5]),
      floor: planks({ light: [0.3, 0.19, 0.11], dark: [0.18, 0.1, 0.06], width: 0.12 }),
      openings: [
        { side: 'west', kind: 'window', at: 1.6, width: 0.9, bottom: 0.95, height: 1.15, panes: [2, 1] },
        { side: 'north', kind: 'door', at: 1.6, width: 0.82, bottom: 0, height: 2.03 },
      ],
      extras: [...radiator(size, 'west', 1.7, 0.7), ...plate(size, 'north', 1.35, 1.1)],
      sky: { sun: null, sunStrength: 0, strength: 6 },
    },
    camera: { position: [1.6, 0.3, 1.4], yaw: -4, pitch: -5, roll: 0, hfov: 74, ...LANDSCAPE },
    exposure: -1.3,
  };
}

function hallway(): Room {
  const size: Vec = [1.9, 5.2, 2.6];
  return {
    name: '09-hallway-portrait',
    floor: rectangle(size),
    spec: {
      size,
      walls: paint([0.77, 0.75, 0.71]),
      floor: tiles([0.46, 0.42, 0.38], 0.3, [0.3, 0.28, 0.26]),
      openings: [
        { side: 'north', kind: 'window', at: 0.5, width: 0.9, bottom: 0.6, height: 1.7, panes: [1, 2] },
        { side: 'east', kind: 'door', at: 2.4, width: 0.82, bottom: 0, height: 2.03 },
        { side: 'west', kind: 'passage', at: 1.6, width: 0.95, bottom: 0, height: 2.05 },
      ],
      extras: [...plate(size, 'east', 2.1, 1.1)],
      sky: { sun: null, sunStrength: 0, strength: 12 },
    },
    camera: { position: [0.95, 0.2, 1.45], yaw: 1, pitch: -4, roll: 0, hfov: 62, width: 800, height: 1200 },
    metadata: { orientation6: true },
  };
}

export const ROOMS: readonly Room[] = [
  living(),
  bedroom(),
  dining(),
  office(),
  lShape(),
  kitchen(),
  attic(),
  study(),
  hallway(),
];

export function sceneOf(room: Room): Scene {
  return buildScene(room.spec);
}
