import { routes } from '../../contract/index.ts';
import { deleteImage } from '../../core/images/commands.ts';
import { writeEndpoint } from '../endpoint.ts';

export default writeEndpoint(routes.deleteImage, async (act, { params }) => {
  await deleteImage(act, params.imageId);
  return undefined;
});
