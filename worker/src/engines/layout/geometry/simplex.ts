/**
 * Largest value of a function near a start, by the downhill simplex method (Nelder and Mead, 1965).
 * @param steps size of the first simplex along each coordinate
 */
export function climb(
  value: (point: readonly number[]) => number,
  start: readonly number[],
  steps: readonly number[],
  iterations: number,
): { point: readonly number[]; value: number } {
  const at = (point: readonly number[]) => ({ point, value: value(point) });
  const corners = [at(start)];
  for (const [i, step] of steps.entries()) corners.push(at(start.map((x, k) => (k === i ? x + step : x))));
  const byValue = () => corners.sort((p, q) => q.value - p.value);
  byValue();
  for (let n = 0; n < iterations; n += 1) {
    const worst = corners.pop();
    const best = corners[0];
    const next = corners.at(-1);
    if (!worst || !best || !next) break;
    if (best.value - worst.value < 1e-9) {
      corners.push(worst);
      break;
    }
    const centre = start.map(
      (_, k) => corners.reduce((sum, { point }) => sum + (point[k] ?? 0), 0) / corners.length,
    );
    const along = (t: number) => at(centre.map((c, k) => c + t * (c - (worst.point[k] ?? 0))));
    const mirrored = along(1);
    if (mirrored.value > best.value) {
      const further = along(2);
      corners.push(further.value > mirrored.value ? further : mirrored);
    } else if (mirrored.value > next.value) corners.push(mirrored);
    else {
      const inside = along(mirrored.value > worst.value ? 0.5 : -0.5);
      if (inside.value > Math.max(worst.value, mirrored.value)) corners.push(inside);
      else {
        const rest = [...corners.splice(1), worst];
        corners.push(...rest.map(({ point }) => at(point.map((x, k) => ((best.point[k] ?? 0) + x) / 2))));
      }
    }
    byValue();
  }
  const [best] = byValue();
  if (!best) throw new Error('a simplex has corners');
  return best;
}
