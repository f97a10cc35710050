import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newId } from '../../server/src/core/ids.ts';
import type { Notifier } from '../../server/src/ports/index.ts';

/** What every Notifier does. `open` gives two that reach each other, as in two processes. */
export function describeNotifier(
  name: string,
  open: () => Promise<readonly [Notifier, Notifier]>,
  close: () => Promise<void>,
): void {
  describe(`notifier: ${name}`, () => {
    let here: Notifier;
    let there: Notifier;
    beforeAll(async () => {
      [here, there] = await open();
    });
    afterAll(close);

    /** Resolves when all of these accounts were named, or when it was said that any may have changed. */
    async function hear(notifier: Notifier, ids: readonly string[]) {
      const missing = new Set(ids);
      const heard = Promise.withResolvers<void>();
      const stop = await notifier.subscribe((accounts) => {
        for (const id of accounts === 'unknown' ? ids : accounts) missing.delete(id);
        if (missing.size === 0) heard.resolve();
      });
      return { heard: heard.promise, stop };
    }

    test('names accounts to all who subscribe', async () => {
      const ids = [newId('acc'), newId('acc')];
      const ears = [await hear(here, ids), await hear(there, ids)];
      await here.notify(ids);
      await Promise.all(ears.map(({ heard }) => heard));
      for (const { stop } of ears) await stop();
    });

    test('takes any number of accounts at once', async () => {
      const ids = Array.from({ length: 2_000 }, () => newId('acc'));
      const ear = await hear(there, ids);
      await here.notify(ids);
      await ear.heard;
      await ear.stop();
    });

    test('who has stopped hears nothing', async () => {
      const id = newId('acc');
      let late = 0;
      const stop = await there.subscribe(() => {
        late += 1;
      });
      await stop();
      const ear = await hear(there, [id]);
      await here.notify([id]);
      await ear.heard;
      expect(late).toBe(0);
      await ear.stop();
    });

    test('nothing to say is no error', async () => {
      await expect(here.notify([])).resolves.toBeUndefined();
    });
  });
}
