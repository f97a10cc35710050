import type { Layout } from '../../server/src/contract/index.ts';

/** A bedroom of 4 by 5 metres with a bed in it. */
export function aLayout(wish: Partial<Layout> = {}): Layout {
  return {
    version: 1,
    roomType: 'bedroom',
    style: 'modern',
    seed: 3,
    variation: 2,
    room: {
      camera: {
        width: 960,
        height: 640,
        focal: 640,
        centre: [480, 320],
        pitch: -5,
        roll: 0,
        yaw: 0,
        aboveFloor: 1.4,
      },
      floor: [
        [-2, 1],
        [2, 1],
        [2, 5],
        [-2, 5],
      ],
      floorConfidence: 0.9,
      walls: [{ from: [2, 5], to: [-2, 5], height: 2.6, confidence: 0.9 }],
      openings: [],
      keepOuts: [],
    },
    pieces: [{ kind: 'bed', at: [0, 3.9], turn: 0, size: [1.6, 2.1, 1.05], lift: 0, seed: 0 }],
    ...wish,
  };
}
