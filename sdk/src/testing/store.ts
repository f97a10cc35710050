import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FakeState } from './state.ts';

/** The photo store: presigned PUTs with their checks, and downloads. @returns what sends the answer */
export function serveStore(
  state: FakeState,
  req: IncomingMessage,
  { pathname }: URL,
  bytes: Uint8Array,
  res: ServerResponse,
): () => void {
  const key = pathname.replace(/^\/store\/(?:uploads|objects)\//, '');
  if (req.method === 'PUT') {
    const refusal = put(state, key, req, bytes);
    const body = refusal ? `<Error><Message>${refusal.message}</Message></Error>` : '';
    return () => res.writeHead(refusal?.status ?? 200, { 'content-type': 'application/xml' }).end(body);
  }
  const object = state.objects.get(key);
  if (!object) return () => res.writeHead(404).end();
  return () => res.writeHead(200, { 'content-length': object.length }).end(object);
}

interface Refusal {
  readonly status: number;
  readonly message: string;
}

function put(state: FakeState, id: string, req: IncomingMessage, bytes: Uint8Array): Refusal | undefined {
  const upload = state.uploads.get(id);
  if (!upload || upload.expiresAt <= Date.now()) return { status: 403, message: 'The link has expired.' };
  const { size, contentType, sha256 } = upload.file;
  if (req.headers['content-type'] !== contentType)
    return { status: 403, message: 'The type is not the signed one.' };
  if (bytes.length !== size) return { status: 400, message: 'The length is not the signed one.' };
  const sent = createHash('sha256').update(bytes).digest();
  if (req.headers['x-amz-checksum-sha256'] !== sent.toString('base64') || sent.toString('hex') !== sha256) {
    return { status: 400, message: 'The checksum is not that of the bytes.' };
  }
  upload.bytes = bytes;
  return undefined;
}

let tokens = 0;

/** An identity provider that gives a token to whoever asks for one. */
export function serveIssuer({ pathname }: URL, issuer: string, res: ServerResponse): void {
  res.setHeader('content-type', 'application/json');
  if (pathname.endsWith('/.well-known/openid-configuration')) {
    res.end(JSON.stringify({ issuer, token_endpoint: `${issuer}token` }));
  } else if (pathname.endsWith('/token')) {
    tokens += 1;
    res.end(JSON.stringify({ access_token: `fake-token-${tokens}`, token_type: 'Bearer', expires_in: 600 }));
  } else {
    res.writeHead(404).end('{}');
  }
}
