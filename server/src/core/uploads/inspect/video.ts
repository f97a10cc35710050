import { readBox } from './isobmff.ts';

const VIDEO_BOXES = [
  'ftyp',
  'moov',
  'mdat',
  'free',
  'skip',
  'wide',
  'uuid',
  'meta',
  'moof',
  'mfra',
  'sidx',
  'styp',
];
const MAX_VIDEO_BOXES = 4096;

/** Where the ISO media file that starts at `start` ends, at most at `limit`; null when there is none. */
export function endOfVideo(buf: Buffer, start: number, limit: number): number | null {
  if (buf.toString('latin1', start + 4, start + 8) !== 'ftyp') return null;
  const types = new Set<string>();
  let end = start;
  for (let boxes = 0; boxes < MAX_VIDEO_BOXES; boxes++) {
    const box = readBox(buf, end, limit);
    if (!box || !VIDEO_BOXES.includes(box.type)) break;
    types.add(box.type);
    end = box.to;
  }
  return types.has('mdat') && (types.has('moov') || types.has('moof')) ? end : null;
}
