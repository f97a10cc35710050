import { routes } from '../../contract/index.ts';
import { notFound } from '../../core/errors.ts';
import { linkDownloads } from '../../core/images/downloads.ts';
import { readEndpoint } from '../endpoint.ts';

export default readEndpoint(routes.getImageDownloads, async ({ tx, caller, now }, { params, deps }) => {
  const image = await tx.images.get(caller.accountId, params.imageId);
  if (!image) throw notFound('image', params.imageId);
  const [original] = await tx.originals.getMany(caller.accountId, [image.originalId]);
  return linkDownloads(deps.objects, image, original, now);
});
