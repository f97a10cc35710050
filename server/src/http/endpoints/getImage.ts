import { routes } from '../../contract/index.ts';
import { notFound } from '../../core/errors.ts';
import { presentImage } from '../../core/images/present.ts';
import { readEndpoint } from '../endpoint.ts';

export default readEndpoint(routes.getImage, async ({ tx, caller }, { params }) => {
  const image = await tx.images.get(caller.accountId, params.imageId);
  if (!image) throw notFound('image', params.imageId);
  return presentImage(image);
});
