import type { ClaimedJob } from '@stager/server/ports';

/** A log that keeps what was said. */
export function keepingLog() {
  const lines: { readonly level: string; readonly message: string; readonly fields: object }[] = [];
  const at = (level: string) => (fields: object, message: string) =>
    void lines.push({ level, message, fields });
  return { lines, debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

let made = 0;

/** A job as a claim hands it out; every one has a lease of its own. */
export function aJob(wish: Partial<ClaimedJob> = {}): ClaimedJob {
  made += 1;
  const at = new Date(0);
  return {
    id: `job_${made}`,
    accountId: 'acc_1',
    imageId: `img_${made}`,
    lease: `00000000-0000-4000-8000-${String(made).padStart(12, '0')}`,
    attempt: 1,
    maxAttempts: 3,
    image: {
      id: `img_${made}`,
      projectId: null,
      originalId: 'org_1',
      name: 'kitchen.jpg',
      engine: 'finish',
      roomType: null,
      style: null,
      seed: 7,
      variation: 0,
      params: {},
      state: 'processing',
      attempts: 1,
      error: null,
      outputs: [],
      createdAt: at,
      updatedAt: at,
    },
    original: {
      id: 'org_1',
      sha256: '0'.repeat(64),
      size: 1,
      contentType: 'image/jpeg',
      width: 10,
      height: 10,
      objectKey: 'originals/acc_1/x',
      createdAt: at,
    },
    layout: null,
    ...wish,
  };
}
