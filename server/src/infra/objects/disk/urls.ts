import type { Bucket } from '../../../ports/index.ts';
import { isBucket, isKey } from './keys.ts';
import type { Claim, Signature } from './signing.ts';

/** Path below which the API serves objects. */
export const OBJECTS_PATH = '/objects/';

/** What a link says, before anyone has looked whether it is true. */
export interface Link {
  readonly bucket: Bucket;
  readonly key: string;
  /** Seconds since 1970. */
  readonly expires: number;
  readonly signature: Signature;
  readonly name: string | undefined;
  readonly type: string | undefined;
}

const PARAMETERS = ['exp', 'kid', 'sig', 'name', 'type'];

export function toUrl(publicUrl: string, claim: Claim, { keyId, signature }: Signature): string {
  const query = new URLSearchParams({ exp: String(claim.expires), kid: keyId, sig: signature });
  if ('get' in claim) {
    if (claim.get.name !== undefined) query.set('name', claim.get.name);
    if (claim.get.type !== undefined) query.set('type', claim.get.type);
  }
  return `${publicUrl.replace(/\/+$/, '')}${OBJECTS_PATH}${claim.bucket}/${claim.key}?${query}`;
}

/**
 * Reads the target of a request as it stands, without decoding the path: a key that we signed needs none, and
 * `..%2f` is then just not a key. Undefined for what we can never have signed.
 */
export function readLink(target: string): Link | undefined {
  const [path = '', query = ''] = splitOnce(target, '?');
  const [bucket = '', key = ''] = splitOnce(path.slice(OBJECTS_PATH.length), '/');
  const parameters = new URLSearchParams(query);
  const names = [...parameters.keys()];
  const repeated = new Set(names).size !== names.length;
  if (repeated || !names.every((name) => PARAMETERS.includes(name))) return undefined;
  const get = (name: string) => parameters.get(name) ?? undefined;
  const [exp = '', keyId = '', signature = ''] = [get('exp'), get('kid'), get('sig')];
  if (!isBucket(bucket) || !isKey(key) || !/^[1-9]\d{0,11}$/.test(exp)) return undefined;
  return {
    bucket,
    key,
    expires: Number(exp),
    signature: { keyId, signature },
    name: get('name'),
    type: get('type'),
  };
}

function splitOnce(text: string, separator: string): string[] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}
