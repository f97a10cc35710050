import { routes } from '../../contract/index.ts';
import { notFound } from '../../core/errors.ts';
import { follow } from '../../core/events/follow.ts';
import { streamEndpoint } from '../endpoint.ts';

export default streamEndpoint(routes.streamEvents, async ({ tx, caller }, { query, deps, lastEventId }) => {
  const { projectId, imageId } = query;
  if (projectId && !(await tx.projects.get(caller.accountId, projectId)))
    throw notFound('project', projectId);
  if (imageId && !(await tx.images.get(caller.accountId, imageId))) throw notFound('image', imageId);
  const from = lastEventId ?? query.after;
  return (signal) =>
    follow(
      { ...deps, pingMs: deps.settings.streams.pingMs },
      caller.accountId,
      { projectId, imageId },
      from,
      signal,
    );
});
