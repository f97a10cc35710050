export { Stager } from './client.ts';
export { ApiPromise, type ResponseInfo, type WithResponse } from './core/apiPromise.ts';
export {
  AbortError,
  ApiError,
  AuthenticationError,
  ConflictError,
  ConnectionError,
  type ErrorCode,
  NotFoundError,
  OptionsError,
  PermissionError,
  RateLimitError,
  ServerError,
  StagerError,
  TimeoutError,
  TransferError,
  ValidationError,
} from './core/errors.ts';
export type {
  CallOptions,
  Fetch,
  Logger,
  Middleware,
  StagerOptions,
  TokenProvider,
} from './core/options.ts';
export { type Page, Pages } from './core/pagination.ts';
export type { RateLimit } from './core/retryAfter.ts';
export type { OperationInput } from './core/transport.ts';
export { hasEnded } from './events/hasEnded.ts';
export type { FollowRunOptions } from './events/runStream.ts';
export {
  EventStream,
  type EventsOptions,
  type FollowedEvent,
  type ReconnectInfo,
} from './events/stream.ts';
export { LAYOUT_MAX, TOKEN_SCOPES } from './generated/constants.ts';
export {
  type Operation,
  type OperationName,
  type OperationTypes,
  operations,
} from './generated/operations.ts';
export type * from './generated/types.ts';
export { Admin } from './resources/admin.ts';
export { Billing } from './resources/billing.ts';
export type { DownloadedBytes, DownloadedFile, DownloadOptions } from './resources/download.ts';
export type { Images } from './resources/images.ts';
export type { SetLayoutOptions } from './resources/layouts.ts';
export { Members } from './resources/members.ts';
export type { Projects } from './resources/projects.ts';
export { Reconcile } from './resources/reconcile.ts';
export { Tokens } from './resources/tokens.ts';
export type { Uploads } from './resources/uploads.ts';
export type { WaitOptions } from './resources/wait.ts';
export { checkLocalFile, type LocalCheck, type UploadLimits } from './stage/check.ts';
export type {
  FoundFile,
  StageError,
  StageEvent,
  StageOptions,
  StageSource,
  StageSummary,
} from './stage/types.ts';
export { VERSION } from './version.ts';
