import type { Layout } from '../generated/types.ts';

/** A bedroom of 4 by 4 metres with a sofa and a plant. */
export const FAKE_LAYOUT: Layout = {
  version: 1,
  roomType: 'bedroom',
  style: 'modern',
  seed: 0,
  variation: 0,
  room: {
    camera: {
      width: 960,
      height: 720,
      focal: 700,
      centre: [480, 360],
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
  pieces: [
    { kind: 'sofa', at: [0, 4.5], turn: 0, size: [2, 0.9, 0.8], lift: 0, seed: 0 },
    { kind: 'plant', at: [1.7, 4.7], turn: 0, size: [0.5, 0.5, 1.4], lift: 0, seed: 0 },
  ],
};
