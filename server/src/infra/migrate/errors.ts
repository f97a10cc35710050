/** The schema cannot be brought where it should be; the message says why and what to do. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError';
}
