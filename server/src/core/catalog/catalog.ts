import { z } from 'zod';
import { BATCH_MAX, type Catalog, UPLOAD_TYPES } from '../../contract/index.ts';
import { DEFAULT_ENGINE, ENGINES } from '../engines/catalogue.ts';
import type { UploadLimits } from '../uploads/limits.ts';

type CatalogAnswer = z.output<typeof Catalog>;

function titled(name: string) {
  const words = name.replaceAll(/[_-]+/g, ' ');
  return { name, title: words.charAt(0).toUpperCase() + words.slice(1) };
}

function union(lists: readonly (readonly string[])[]) {
  return [...new Set(lists.flat())].toSorted().map(titled);
}

/** What this installation can do; constant for the life of the process. */
export function buildCatalog(limits: UploadLimits): CatalogAnswer {
  return {
    defaultEngine: DEFAULT_ENGINE,
    engines: ENGINES.map((engine) => ({
      name: engine.name,
      title: engine.title,
      description: engine.description,
      version: engine.version,
      rooms: [...engine.rooms],
      styles: [...engine.styles],
      takesSeed: engine.takesSeed,
      pieces: [...engine.pieces],
      maxVariations: engine.maxVariations,
      outputs: engine.outputs.map((output) => ({ ...output })),
      params: z.toJSONSchema(engine.params, { io: 'input' }),
    })),
    rooms: union(ENGINES.map((engine) => engine.rooms)),
    styles: union(ENGINES.map((engine) => engine.styles)),
    upload: {
      contentTypes: [...UPLOAD_TYPES],
      maxBytes: limits.maxBytes,
      maxPixels: limits.maxPixels,
      batchMax: BATCH_MAX,
    },
  };
}
