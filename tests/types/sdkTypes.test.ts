import { describe, expect, test } from 'vitest';
import type { z } from 'zod';
import type { OperationName, OperationTypes } from '../../sdk/src/generated/operations.ts';
import type * as sdk from '../../sdk/src/generated/types.ts';
import type * as contract from '../../server/src/contract/index.ts';

/**
 * True when each type takes every value of the other. Assignability both ways, with exact optional properties on, is
 * what a change on one side alone would break.
 */
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;

type Shape<N extends keyof typeof contract> = (typeof contract)[N] extends z.ZodType
  ? (typeof contract)[N]
  : never;
type Out<N extends keyof typeof contract> = z.output<Shape<N>>;
type In<N extends keyof typeof contract> = z.input<Shape<N>>;

/** Each entry compiles only when its two types are the same. */
const parity: { readonly [name: string]: true } = {
  Me: true satisfies Same<Out<'Me'>, sdk.Me>,
  AuthConfig: true satisfies Same<Out<'AuthConfig'>, sdk.AuthConfig>,
  Health: true satisfies Same<Out<'Health'>, sdk.Health>,
  Catalog: true satisfies Same<Out<'Catalog'>, sdk.Catalog>,
  Project: true satisfies Same<Out<'Project'>, sdk.Project>,
  ProjectPage: true satisfies Same<Out<'ProjectPage'>, sdk.ProjectPage>,
  ProjectInput: true satisfies Same<In<'ProjectInput'>, sdk.ProjectInput>,
  Original: true satisfies Same<Out<'Original'>, sdk.Original>,
  CreateUploads: true satisfies Same<In<'CreateUploads'>, sdk.CreateUploads>,
  UploadTickets: true satisfies Same<Out<'UploadTickets'>, sdk.UploadTickets>,
  FinalizeUploads: true satisfies Same<In<'FinalizeUploads'>, sdk.FinalizeUploads>,
  FinalizedUploads: true satisfies Same<Out<'FinalizedUploads'>, sdk.FinalizedUploads>,
  Image: true satisfies Same<Out<'Image'>, sdk.Image>,
  ImagePage: true satisfies Same<Out<'ImagePage'>, sdk.ImagePage>,
  CreateImages: true satisfies Same<In<'CreateImages'>, sdk.CreateImages>,
  CreatedImagesBatch: true satisfies Same<Out<'CreatedImagesBatch'>, sdk.CreatedImagesBatch>,
  Downloads: true satisfies Same<Out<'Downloads'>, sdk.Downloads>,
  StreamEvent: true satisfies Same<Out<'StreamEvent'>, sdk.StreamEvent>,
  Problem: true satisfies Same<Out<'Problem'>, sdk.Problem>,
};

type ResultOf<N extends contract.RouteName> = contract.Routes[N]['success']['schema'] extends z.ZodType
  ? z.output<contract.Routes[N]['success']['schema']>
  : undefined;
type Mismatch = {
  [N in OperationName]: Same<ResultOf<N>, OperationTypes[N]['result']> extends true ? never : N;
}[OperationName];
type SameNames = Same<OperationName, contract.RouteName>;

describe('the types of the SDK are those of the contract', () => {
  test('shape by shape', () => {
    expect(Object.values(parity).every(Boolean)).toBe(true);
  });

  test('operation by operation', () => {
    const none: Mismatch[] = [];
    const names: SameNames = true;
    expect([none, names]).toEqual([[], true]);
  });
});
