export interface Lit {
  /** Three numbers a point: light, place in metres, normal (0 0 0 where there is no surface). */
  readonly values: Float32Array;
  readonly points: Float32Array;
  readonly normals: Float32Array;
  readonly width: number;
  readonly height: number;
}

const KERNEL = [1 / 16, 1 / 4, 3 / 8, 1 / 4, 1 / 16];
const PASSES = 5;

/**
 * Edge-avoiding à-trous wavelet filter (Dammertz et al. 2010): neighbours count as far as they lie on the same
 * surface, near by and similarly lit; the net widens with each pass.
 */
export function denoise(lit: Lit): Float32Array {
  let from = limitSparks(lit);
  for (let pass = 0; pass < PASSES; pass += 1) from = filter(lit, from, 2 ** pass, 0.9 * 0.55 ** pass + 0.06);
  return from;
}

/** A point that outshines all its neighbours is a rare path, not light. */
function limitSparks({ values, width, height }: Lit): Float32Array {
  const out = values.slice();
  for (let y = 1; y < height - 1; y += 1) {
    for (let x = 1; x < width - 1; x += 1) {
      for (let c = 0; c < 3; c += 1) {
        let second = 0;
        let first = 0;
        for (let k = 0; k < 9; k += 1) {
          if (k === 4) continue;
          const value = values[((y + Math.floor(k / 3) - 1) * width + x + (k % 3) - 1) * 3 + c] ?? 0;
          if (value > first) {
            second = first;
            first = value;
          } else if (value > second) second = value;
        }
        const i = (y * width + x) * 3 + c;
        if ((values[i] ?? 0) > second) out[i] = second;
      }
    }
  }
  return out;
}

function filter(
  { points, normals, width, height }: Lit,
  values: Float32Array,
  step: number,
  tolerance: number,
): Float32Array {
  const out = new Float32Array(values.length);
  // Indices are inside the arrays by the checks below; `at` says so once.
  const at = (array: Float32Array, i: number) => array[i] as number;
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const i = (y * width + x) * 3;
      const n0 = at(normals, i);
      const n1 = at(normals, i + 1);
      const n2 = at(normals, i + 2);
      if (n0 === 0 && n1 === 0 && n2 === 0) continue;
      const brightness = at(values, i) + at(values, i + 1) + at(values, i + 2);
      let [r, g, b, total] = [0, 0, 0, 0];
      for (let ky = 0; ky < 5; ky += 1) {
        const yy = y + (ky - 2) * step;
        if (yy < 0 || yy >= height) continue;
        for (let kx = 0; kx < 5; kx += 1) {
          const xx = x + (kx - 2) * step;
          if (xx < 0 || xx >= width) continue;
          const j = (yy * width + xx) * 3;
          const same = n0 * at(normals, j) + n1 * at(normals, j + 1) + n2 * at(normals, j + 2);
          if (same < 0.95) continue;
          const dx = at(points, j) - at(points, i);
          const dy = at(points, j + 1) - at(points, i + 1);
          const dz = at(points, j + 2) - at(points, i + 2);
          const off = Math.abs(n0 * dx + n1 * dy + n2 * dz);
          const apart = dx * dx + dy * dy + dz * dz;
          const other = at(values, j) + at(values, j + 1) + at(values, j + 2);
          const unlike = Math.abs(other - brightness) / (0.5 * (other + brightness) + 0.02);
          const weight =
            (KERNEL[kx] ?? 0) *
            (KERNEL[ky] ?? 0) *
            Math.exp(-off * 80 - apart * 6 - (unlike / tolerance) ** 2);
          r += at(values, j) * weight;
          g += at(values, j + 1) * weight;
          b += at(values, j + 2) * weight;
          total += weight;
        }
      }
      out[i] = r / total;
      out[i + 1] = g / total;
      out[i + 2] = b / total;
    }
  }
  return out;
}
