import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Doorbell } from '../../server/src/ports/index.ts';

/** What every Doorbell does. `open` gives two that reach each other, as in two processes. */
export function describeDoorbell(
  name: string,
  open: () => Promise<readonly [Doorbell, Doorbell]>,
  close: () => Promise<void>,
): void {
  describe(`doorbell: ${name}`, () => {
    let here: Doorbell;
    let there: Doorbell;
    beforeAll(async () => {
      [here, there] = await open();
    });
    afterAll(close);

    const ring = (n: number) => ({ v: 1, jobId: `job_${n}` }) as const;

    test('answers a check', async () => {
      await expect(here.check()).resolves.toBeUndefined();
    });

    test('each ring is heard by somebody who listens, in whatever process', async () => {
      let heard = 0;
      const count = () => {
        heard += 1;
      };
      const stops = [await here.listen(count), await there.listen(count)];
      for (let n = 1; n <= 5; n++) {
        const before = heard;
        await (n % 2 ? here : there).ring([ring(n)]);
        await expect.poll(() => heard, { interval: 2 }).toBeGreaterThan(before);
      }
      for (const stop of stops) await stop();
    });

    test('whoever is busy with a ring leaves the next one to others', async () => {
      const busy = Promise.withResolvers<void>();
      const free = Promise.withResolvers<void>();
      let taken = 0;
      const stopBusy = await here.listen(() => {
        taken += 1;
        return busy.promise;
      });
      await here.ring([ring(10)]);
      await expect.poll(() => taken, { interval: 2 }).toBeGreaterThan(0);
      const stopFree = await there.listen(free.resolve);
      await here.ring([ring(11)]);
      await free.promise;
      busy.resolve();
      await stopBusy();
      await stopFree();
    });

    test('many rings are heard at least once', async () => {
      const heard = Promise.withResolvers<void>();
      const stop = await there.listen(heard.resolve);
      await here.ring(Array.from({ length: 500 }, (_, n) => ring(n)));
      await heard.promise;
      await stop();
    });

    test('who has stopped hears nothing', async () => {
      let late = 0;
      const stop = await there.listen(() => {
        late += 1;
      });
      await stop();
      late = 0;
      const other = Promise.withResolvers<void>();
      const stopOther = await there.listen(other.resolve);
      await here.ring([ring(1)]);
      await other.promise;
      expect(late).toBe(0);
      await stopOther();
    });

    test('a ring that nobody hears, and one about nothing, are no error', async () => {
      await expect(here.ring([ring(1)])).resolves.toBeUndefined();
      await expect(here.ring([])).resolves.toBeUndefined();
    });
  });
}
