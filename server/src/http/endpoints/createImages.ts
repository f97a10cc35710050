import { routes } from '../../contract/index.ts';
import { createImages } from '../../core/images/createImages.ts';
import { tariffOf } from '../deps.ts';
import { writeEndpoint } from '../endpoint.ts';

export default writeEndpoint(routes.createImages, async (act, { body, deps }) => ({
  results: await createImages(act, tariffOf(deps), body),
}));
