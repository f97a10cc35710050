import { LAYOUT, type LayoutParams } from '@stager/server/core/engines/layout';
import type { Correction } from '../../finish/correct.ts';
import type { Decoded } from '../../finish/decode.ts';
import type { EngineInput, JsonRecord } from '../../types.ts';
import type { Furnished } from '../furnish.ts';
import { LABEL_TEXT } from '../label/label.ts';
import type { Rectangle, Verdict } from '../render/check.ts';
import type { Rendered } from '../render/render.ts';
import type { Understood } from '../understand.ts';

interface Facts {
  readonly input: EngineInput;
  readonly params: LayoutParams;
  readonly correction: Correction;
  readonly source: Decoded;
  readonly understood: Understood;
  readonly furnished: Furnished;
  readonly rendered: Rendered;
  readonly label: Rectangle | undefined;
  readonly verdict: Verdict;
  /** Levels, outside of what may differ. */
  readonly largestDifference: number;
}

const DEGREES = 180 / Math.PI;

/** What is known of a layout preview, for people and programs. The same input gives the same report: no times. */
export function reportOf(facts: Facts): JsonRecord {
  const { input, params, correction, source, furnished, label, verdict } = facts;
  const { roomType, style, seed, variation, pieces } = furnished.layout;
  return {
    kind: 'layout preview',
    engine: { name: LAYOUT.name, version: LAYOUT.version },
    asked: {
      roomType: input.roomType,
      style: input.style,
      seed: input.seed,
      quality: params.quality,
      floorMarked: params.floor !== undefined,
      horizonMarked: params.horizon !== undefined,
    },
    made: {
      roomType,
      style,
      seed,
      variation,
      pieces: pieces.map(({ kind }) => kind),
      score: furnished.score === null ? null : round(furnished.score),
      layoutGiven: input.layout !== undefined,
      warnings: [...furnished.warnings],
    },
    photo: {
      whiteBalance: correction.whiteBalance,
      exposureEv: correction.exposureEv,
      colourProfile: source.profile?.name ?? 'sRGB',
    },
    geometry: geometryOf(facts),
    light: lightOf(facts.rendered),
    label: {
      text: LABEL_TEXT,
      where: params.label,
      region: label ? { ...label } : null,
    },
    guarantee: {
      holds: verdict.ok,
      identicalPixels: verdict.compared,
      furniturePixels: verdict.furniture,
      shadowPixels: verdict.shadow,
      furnitureShare: round(facts.rendered.report.furnitureShare),
      shadowShare: round(facts.rendered.report.shadowShare),
      deliveredFile: { format: params.format, largestDifference: facts.largestDifference },
    },
  };
}

function floorFrom({ input, understood }: Facts): string {
  if (understood.read.marks) return 'photo';
  return input.layout === undefined ? 'marked' : 'layout';
}

function geometryOf(facts: Facts): JsonRecord {
  const { understood } = facts;
  const { room, camera, read } = understood;
  const confidence = camera?.confidence;
  return {
    focalMm35: round((36 * room.focal) / Math.max(room.width, room.height)),
    pitchDegrees: round(room.pitch * DEGREES),
    rollDegrees: round(room.roll * DEGREES),
    yawDegrees: round(room.yaw * DEGREES),
    cameraHeightMetres: round(room.cameraHeight),
    croppedOrShifted: read.croppedOrShifted,
    edges: confidence?.lines ?? 0,
    edgesExplained: round(confidence?.explained ?? 0),
    spreadDegrees: confidence
      ? { pitch: round(confidence.spread.pitch * DEGREES), yaw: round(confidence.spread.yaw * DEGREES) }
      : null,
    floor: {
      from: floorFrom(facts),
      confidence: round(room.floorConfidence),
      ...(read.marks
        ? {
            support: round(read.marks.support),
            contrast: round(read.marks.contrast),
            agreement: round(read.marks.agreement),
          }
        : {}),
    },
  };
}

function lightOf({ report }: Rendered): JsonRecord {
  return {
    windowsSeen: report.windows,
    sunSeen: report.sun,
    anchors: report.anchors,
    scale: round(report.lightScale),
  };
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
