import type { Vec3 } from '../../geometry/camera.ts';
import { type Part, shift } from '../mesh/part.ts';
import { shell } from '../mesh/shell.ts';

export interface LeafOptions {
  readonly long: number;
  readonly wide: number;
  /** Radians about y of the direction it grows in. */
  readonly way: number;
  /** Radians above level at its stalk. */
  readonly lift: number;
  /** Radians by which its tip has bent down. */
  readonly droop: number;
  readonly shape: 'fiddle' | 'round' | 'blade' | 'lance';
  /** Across and along. */
  readonly cells?: readonly [number, number];
  /** Waves of its rim, metres. */
  readonly wave?: number;
  readonly twist?: number;
}

/** Half its width at a share of its length, 0 to 1. */
const OUTLINES: Readonly<Record<LeafOptions['shape'], (t: number) => number>> = {
  fiddle: (t) =>
    Math.sin(Math.PI * Math.min(1, t ** 1.25)) ** 0.55 *
    (0.62 + 0.42 * t) *
    (1 - 0.16 * Math.exp(-(((t - 0.4) / 0.12) ** 2))),
  round: (t) => Math.sin(Math.PI * t ** 0.8) ** 0.7,
  blade: (t) => (t < 0.75 ? 0.72 + 0.28 * Math.sin((Math.PI * t) / 1.1) : 1 - ((t - 0.75) / 0.25) ** 1.7),
  lance: (t) => Math.sin(Math.PI * t ** 0.65) ** 0.9,
};

/** A leaf that grows from the origin: folded along its rib, bent by its weight. */
export function leaf(options: LeafOptions): Part {
  const { long, wide, way, lift, droop, shape, cells = [4, 6], wave = 0, twist = 0 } = options;
  const rib = (t: number): readonly [number, number] => {
    // The direction turns evenly from `lift` to `lift - droop`; its integral is the rib.
    const a = lift;
    if (Math.abs(droop) < 1e-3) return [long * t * Math.cos(a), long * t * Math.sin(a)];
    const b = a - droop * t;
    return [(long * (Math.sin(a) - Math.sin(b))) / droop, (long * (Math.cos(b) - Math.cos(a))) / droop];
  };
  const [cw, sw] = [Math.cos(way), Math.sin(way)];
  const halfWidth = (v: number) =>
    (wide / 2) * Math.max(0.02, OUTLINES[shape](Math.min(0.999, Math.max(0.001, v))));
  const surface = (u: number, v: number): Vec3 => {
    const s = 2 * u - 1;
    const half = halfWidth(v);
    const [out, up] = rib(v);
    const slope = lift - droop * v;
    const fold =
      (shape === 'blade' ? 0.12 : 0.22) * half * Math.abs(s) ** 1.3 + wave * Math.sin(v * 11 + s * 2) * s * s;
    const turned = twist * v;
    const side = s * half * Math.cos(turned) - fold * Math.sin(turned);
    const raise = fold * Math.cos(turned) + s * half * Math.sin(turned);
    const ahead = out - raise * Math.sin(slope);
    return [ahead * cw - side * sw, up + raise * Math.cos(slope), ahead * sw + side * cw];
  };
  const part = shell(surface, cells, (_, v) => Math.min(0.0009 * (1.6 - v), 0.7 * halfWidth(v)));
  // The rib is where v is 0.
  const across = part.uvs.reduce((most, [, v]) => Math.max(most, v), 0);
  return shift(part, 0, -across / 2);
}
