import { createRandom, type Vec } from './vec.ts';

export interface DevelopOptions {
  readonly width: number;
  readonly height: number;
  /** Stops. */
  readonly exposure: number;
  /** Gains of red, green and blue. */
  readonly cast: Vec;
  readonly seed: number;
}

/** What a camera makes of the light: metering, falloff to the corners, sensor noise, a film-like curve; 8 bits. */
export function develop(linear: Float32Array, options: DevelopOptions): Buffer {
  const { width, height, cast } = options;
  const gain = meter(linear) * 2 ** options.exposure;
  const random = createRandom(options.seed);
  const out = Buffer.alloc(width * height * 3);
  const radius = Math.hypot(width, height) / 2;
  for (let i = 0; i < width * height; i += 1) {
    const x = (i % width) - width / 2;
    const y = Math.floor(i / width) - height / 2;
    const falloff = 1 - 0.2 * ((x * x + y * y) / (radius * radius));
    for (let c = 0; c < 3; c += 1) {
      const light = (linear[i * 3 + c] ?? 0) * gain * falloff * (cast[c] ?? 1);
      const grain = (random() + random() + random() - 1.5) * (0.0035 + 0.007 * Math.sqrt(Math.min(1, light)));
      out[i * 3 + c] = Math.round(255 * gamma(curve(Math.max(0, light + grain))));
    }
  }
  return out;
}

/** Brings the middle of the picture's brightness to a mid grey; windows count little. */
function meter(linear: Float32Array): number {
  const values: number[] = [];
  for (let i = 0; i < linear.length; i += 3 * 37) {
    values.push(0.2126 * (linear[i] ?? 0) + 0.7152 * (linear[i + 1] ?? 0) + 0.0722 * (linear[i + 2] ?? 0));
  }
  values.sort((a, b) => a - b);
  const middle = values[Math.floor(values.length * 0.55)] ?? 1;
  return 0.36 / Math.max(middle, 1e-4);
}

/** Straight in the shadows, a shoulder in the lights. */
function curve(light: number): number {
  const knee = 0.55;
  if (light <= knee) return light;
  const over = light - knee;
  return knee + (1 - knee) * (1 - Math.exp(-over / (1 - knee)));
}

/** IEC 61966-2-1. */
function gamma(light: number): number {
  return light <= 0.0031308 ? 12.92 * light : 1.055 * light ** (1 / 2.4) - 0.055;
}
