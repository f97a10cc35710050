const CERTIFICATE_CODES =
  /^(SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT|UNABLE_TO_VERIFY_LEAF_SIGNATURE|UNABLE_TO_GET_ISSUER_CERT(_LOCALLY)?|CERT_\w+|ERR_TLS_\w+)$/;

const UNTRUSTED =
  'The certificate is not trusted here. Behind a company proxy, set NODE_EXTRA_CA_CERTS to the file with its CA certificate.';
const CUT = 'The connection was cut. A proxy or the network may be the reason; try again.';
const UNRESOLVED =
  'The host name cannot be resolved. Check the address and the network; behind a proxy set HTTPS_PROXY.';
const SILENT = 'There was no answer in time. Check the network; behind a proxy set HTTPS_PROXY.';
const NO_WAY = 'The network has no way to that host. Check the network or the VPN.';
const NO_TLS =
  'The server does not speak TLS at that address. Check http and https in the address, and the port.';

const HINTS: Readonly<Record<string, string>> = {
  ENOTFOUND: UNRESOLVED,
  EAI_AGAIN: UNRESOLVED,
  ECONNREFUSED:
    'Nothing listens at that address. Is it right (stager config list), and is the server running?',
  ECONNRESET: CUT,
  UND_ERR_SOCKET: CUT,
  EPIPE: CUT,
  ETIMEDOUT: SILENT,
  UND_ERR_CONNECT_TIMEOUT: SILENT,
  EHOSTUNREACH: NO_WAY,
  ENETUNREACH: NO_WAY,
  EPROTO: NO_TLS,
  ERR_SSL_WRONG_VERSION_NUMBER: NO_TLS,
};

export interface NetworkTrouble {
  readonly code: string;
  /** What usually stands behind it and what to do. Never: switching certificate checks off. */
  readonly hint: string;
}

/** What a network failure means, found in an error or in what caused it; undefined for any other error. */
export function networkTrouble(error: unknown): NetworkTrouble | undefined {
  for (const code of causeCodes(error)) {
    const hint = CERTIFICATE_CODES.test(code) ? UNTRUSTED : HINTS[code];
    if (hint !== undefined) return { code, hint };
  }
  return undefined;
}

/** fetch hides the real reason two levels down. */
function* causeCodes(error: unknown): Generator<string> {
  const queue: unknown[] = [error];
  // Causes can lead in a circle.
  for (const seen = new Set<unknown>(); queue.length > 0; ) {
    const at = queue.shift();
    if (!(at instanceof Error) || seen.has(at)) continue;
    seen.add(at);
    if ('code' in at && typeof at.code === 'string') yield at.code;
    queue.push(at.cause);
    if (at instanceof AggregateError) queue.push(...at.errors);
  }
}
