/**
 * Sends one e-mail through a mail server. Each delivery opens its own connection: alerts are few, and an idle one would be
 * closed.
 */
import { lookup as systemLookup } from "node:dns";
import type { LookupFunction } from "node:net";
import { promisify } from "node:util";
import { isPublicAddress, literalAddress } from "../../sources/http/addresses.ts";
import type { WebhookConfig } from "./contract.ts";
import { DeliveryError } from "./delivery-error.ts";
import type { EmailMessage } from "./presets/preset.ts";

/** Ports of RFC 8314: submission with TLS from the first byte, and submission with STARTTLS. */
const PORTS = { "smtps:": 465, "smtp:": 587 } as const;

export interface EmailDelivery {
  readonly webhook: WebhookConfig;
  readonly id: string;
  readonly message: EmailMessage;
}

/** @param deps.lookup name resolution, for tests; the system's when absent */
export async function sendEmail(
  { webhook, id, message }: EmailDelivery,
  deps: { readonly signal: AbortSignal; readonly lookup?: LookupFunction },
): Promise<void> {
  const { protocol, hostname, port } = new URL(webhook.url);
  const implicitTls = protocol === "smtps:";
  const { username, password } = webhook.options;
  const host = await addressOf(hostname.replace(/^\[|\]$/g, ""), webhook.allowPrivate, deps.lookup);
  // Imported at the first mail: few installations send any, and every start would pay for it.
  const { createTransport } = await import("nodemailer");
  const transport = createTransport({
    host,
    port: port === "" ? PORTS[implicitTls ? "smtps:" : "smtp:"] : Number(port),
    secure: implicitTls,
    // Without TLS the password and the mail could be read on the way. A server in one's own network (`allowPrivate`) may go
    // without.
    requireTLS: !implicitTls && !webhook.allowPrivate,
    ...(literalAddress(hostname) === null ? { tls: { servername: hostname } } : {}),
    ...(username === undefined ? {} : { auth: { user: username, pass: password ?? "" } }),
    connectionTimeout: webhook.timeoutMs,
    greetingTimeout: webhook.timeoutMs,
    socketTimeout: webhook.timeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const abort = (): void => transport.close();
  deps.signal.addEventListener("abort", abort, { once: true });
  try {
    const thread = `<${encodeURIComponent(message.thread)}@hashfall>`;
    const sent = await Promise.race([
      transport.sendMail({
        from: message.from,
        to: message.to,
        subject: message.subject,
        text: message.text,
        // The same for every attempt, so that a mail server can drop a repeated one.
        messageId: `<${encodeURIComponent(id)}@hashfall>`,
        inReplyTo: thread,
        references: thread,
        headers: { "auto-submitted": "auto-generated" },
      }),
      aborted(deps.signal),
    ]);
    if (sent.rejected.length > 0) throw new DeliveryError("the mail server took it for some of the addresses only");
  } finally {
    deps.signal.removeEventListener("abort", abort);
    transport.close();
  }
}

/** The address to connect to, resolved here so that the checked address is the one that is used. */
async function addressOf(host: string, allowPrivate: boolean, lookup?: LookupFunction): Promise<string> {
  const literal = literalAddress(host);
  if (literal !== null) {
    if (!allowPrivate && !isPublicAddress(literal)) throw new DeliveryError(`${literal} is a private address`);
    return literal;
  }
  const resolve = promisify(lookup ?? systemLookup) as (
    name: string,
    options: { all: true },
  ) => Promise<readonly { readonly address: string }[]>;
  const addresses = await resolve(host, { all: true });
  const found = addresses.find(({ address }) => allowPrivate || isPublicAddress(address));
  if (found === undefined) throw new DeliveryError(`${host} has private addresses only`);
  return found.address;
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const stop = (): void => reject(new Error("aborted"));
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
  });
}
