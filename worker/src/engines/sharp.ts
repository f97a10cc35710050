import sharp from 'sharp';

/**
 * sharp as every CPU engine uses it. One thread and no cache: the same input gives the same bytes, and memory
 * is what the job needs. Only the loaders of the formats that uploads may have can be reached: each of the
 * others is a parser that a hostile file could aim at.
 */
sharp.concurrency(1);
sharp.cache(false);
sharp.block({ operation: ['VipsForeignLoad'] });
sharp.unblock({
  operation: [
    'VipsForeignLoadJpegFile',
    'VipsForeignLoadPngFile',
    'VipsForeignLoadWebpFile',
    'VipsForeignLoadHeifFile',
  ],
});

export { sharp };
