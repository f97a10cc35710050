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

    test('is heard by all who listen, in whatever process', async () => {
      const heard = [Promise.withResolvers<void>(), Promise.withResolvers<void>()] as const;
      const stops = [await here.listen(heard[0].resolve), await there.listen(heard[1].resolve)];
      await here.ring([ring(1)]);
      await Promise.all(heard.map(({ promise }) => promise));
      for (const stop of stops) await stop();
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
