import type { ImageEvent } from '../../contract/index.ts';
import type { ImageRow, NewEvent } from '../../ports/index.ts';

/** The event that a change of state publishes, written in the transaction that makes the change. */
export function imageEvent(
  image: Pick<ImageRow, 'id' | 'projectId' | 'state' | 'attempts'>,
  type: ImageEvent['type'],
  at: Date,
): NewEvent {
  const data: ImageEvent = {
    type,
    imageId: image.id,
    projectId: image.projectId,
    state: image.state,
    attempt: image.attempts,
    at: at.toISOString(),
  };
  return { type, imageId: image.id, projectId: image.projectId, data };
}
