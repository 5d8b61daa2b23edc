/** Which class an error of a socket, a name, a certificate or a body belongs to. */
import type { ErrorClass } from "../contract.ts";
import { PRIVATE_ADDRESS } from "./addresses.ts";
import { BAD_ENCODING, TOO_LARGE } from "./body.ts";

const BY_CODE: Readonly<Record<string, ErrorClass>> = {
  [PRIVATE_ADDRESS]: "connect",
  [TOO_LARGE]: "too-large",
  [BAD_ENCODING]: "format",
  ENOTFOUND: "dns",
  EAI_AGAIN: "dns",
  EAI_FAIL: "dns",
  EAI_NODATA: "dns",
  ETIMEDOUT: "timeout",
  UND_ERR_CONNECT_TIMEOUT: "timeout",
  UND_ERR_HEADERS_TIMEOUT: "timeout",
  UND_ERR_BODY_TIMEOUT: "timeout",
  UND_ERR_HEADERS_OVERFLOW: "too-large",
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: "partial",
  Z_BUF_ERROR: "partial",
  Z_DATA_ERROR: "format",
  EPROTO: "tls",
};

/** @param headersSeen a connection that ends after the headers leaves a partial body, before them it is a failed one */
export function classOfError(error: unknown, headersSeen: boolean): ErrorClass {
  const code = codeOf(error);
  const known = BY_CODE[code];
  if (known) return known;
  if (/^(ERR_TLS|ERR_SSL|CERT_|UNABLE_TO_|DEPTH_ZERO|SELF_SIGNED|HOSTNAME_MISMATCH)/.test(code)) return "tls";
  if (/^(HPE_|ERR__ERROR_FORMAT|ERR_BROTLI)/.test(code)) return "format";
  return headersSeen ? "partial" : "connect";
}

/** One line about an error, with its code when it has one. */
export function describeError(error: unknown): string {
  const cause = innermost(error);
  const message = cause instanceof Error ? cause.message : String(cause);
  const code = codeOf(error);
  // OpenSSL's text is a list of places in its own source, with the reason among them.
  const reason = /:SSL routines:[^:]*:([^:]+):/.exec(message)?.[1];
  if (reason !== undefined) return `TLS failed: ${reason} (${code})`;
  return code && !message.includes(code) ? `${message} (${code})` : message;
}

const NO_TLS = /wrong version number|packet length too long|unknown protocol|http request|record layer failure/i;

/** What to do about an error of TLS, by its reason; undefined for every other error. */
export function adviceOnError(error: unknown): string | undefined {
  const code = codeOf(error);
  const text = describeError(error);
  if (classOfError(error, false) !== "tls") return undefined;
  if (NO_TLS.test(text)) return "it speaks no TLS at that port: http:// instead of https://, or another port";
  if (/alert|handshake|protocol version|no shared cipher|unsupported/i.test(text) || code === "EPROTO")
    return "the TLS handshake failed: it speaks another version of TLS, or it wants a certificate of the client";
  if (code === "CERT_HAS_EXPIRED")
    return "its certificate has expired: theirs to renew, unless the clock here is wrong";
  if (code === "CERT_NOT_YET_VALID") return "its certificate is not valid yet: is the clock here right?";
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID")
    return "its certificate is made out to another name: is the host in `url` right?";
  return "its certificate is not trusted: a proxy in between, or an authority of your own (NODE_EXTRA_CA_CERTS=file.pem)";
}

function codeOf(error: unknown): string {
  const cause = innermost(error);
  return cause instanceof Error && "code" in cause && typeof cause.code === "string" ? cause.code : "";
}

/** The error that names the reason: of several addresses tried, the first one's; of a wrapper, what it wraps. */
function innermost(error: unknown): unknown {
  if (error instanceof AggregateError && error.errors.length > 0) return innermost(error.errors[0]);
  if (error instanceof Error && !("code" in error) && error.cause instanceof Error) return innermost(error.cause);
  return error;
}
