/**
 * A fake of the stager API for the tests of those who use it.
 * @module
 */
export { FAKE_CATALOG } from './catalog.ts';
export type { Failure } from './failures.ts';
export { type FakeApi, type FakeApiOptions, type FakeRequest, startFakeApi } from './fakeApi.ts';
export { FAKE_LAYOUT } from './layout.ts';
export type { FakeErrorCode } from './problems.ts';
export type { FakeOutcome, FakeState, FakeUpload, StoredEvent } from './state.ts';
