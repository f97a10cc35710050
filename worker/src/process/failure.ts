import { type Failure, ObjectStoreError } from '@stager/server/ports';
import { EngineError } from '../engines/types.ts';

/** What the owner of the image is told. What is no EngineError is a defect or an outage and says nothing inside. */
export function describeFailure(error: unknown): Failure {
  if (error instanceof EngineError) {
    const { code, message, hint = null, retryable } = error;
    return { code, message, hint, retryable };
  }
  if (error instanceof ObjectStoreError || isTimeout(error)) {
    return {
      code: 'store_unavailable',
      message: 'The photo store did not serve in time.',
      hint: 'Retry the image in some minutes.',
      retryable: true,
    };
  }
  return {
    code: 'processing_failed',
    message: 'The photo could not be processed because of a fault on our side.',
    hint: 'Retry the image; if it fails again, send its id to support.',
    retryable: true,
  };
}

/** Of `AbortSignal.timeout`; an engine's own limit has become an EngineError before it comes here. */
function isTimeout(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'TimeoutError';
}
