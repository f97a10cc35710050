import { defineRoute } from '../route.ts';
import { EventsQuery, StreamEvent } from '../schemas/events.ts';

export const streamEvents = defineRoute({
  name: 'streamEvents',
  method: 'GET',
  path: '/v1/events',
  tag: 'Events',
  summary: 'Follow the account, a project or an image as server-sent events',
  description:
    'Without `Last-Event-ID` the stream opens with a snapshot of what is unfinished, then events follow. With it, ' +
    'every event behind that id is sent, none twice. Ids are kept for 7 days; older ones get `reset` and a snapshot.',
  scope: 'images:read',
  role: 'member',
  rate: 'stream',
  query: EventsQuery,
  success: {
    status: 200,
    schema: StreamEvent,
    description: 'Server-sent events',
    stream: 'text/event-stream',
  },
  errors: ['not_found'],
});
