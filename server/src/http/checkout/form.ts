import type { Context } from 'koa';
import { DomainError } from '../../core/errors.ts';
import { readBytes } from '../middleware/validate.ts';

/** Ours have a handful of short fields. */
const LIMITS = { bodyLimit: 8 * 1024, bodyMs: 10_000 };

/** The fields of a posted form. @throws DomainError */
export async function readForm(ctx: Context): Promise<URLSearchParams> {
  if (!ctx.is('application/x-www-form-urlencoded')) {
    throw new DomainError('unsupported_media_type', 'A form was expected.');
  }
  return new URLSearchParams((await readBytes(ctx.req, LIMITS)).toString('utf8'));
}
