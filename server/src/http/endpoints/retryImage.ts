import { routes } from '../../contract/index.ts';
import { retryImage } from '../../core/images/commands.ts';
import { presentImage } from '../../core/images/present.ts';
import { tariffOf } from '../deps.ts';
import { writeEndpoint } from '../endpoint.ts';

export default writeEndpoint(routes.retryImage, async (act, { params, deps }) =>
  presentImage(await retryImage(act, tariffOf(deps), params.imageId)),
);
