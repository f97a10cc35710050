import { routes } from '../../contract/index.ts';
import { cancelImage } from '../../core/images/commands.ts';
import { presentImage } from '../../core/images/present.ts';
import { writeEndpoint } from '../endpoint.ts';

export default writeEndpoint(routes.cancelImage, async (act, { params }) =>
  presentImage(await cancelImage(act, params.imageId)),
);
