/**
 * One delivery, over HTTP or as an e-mail, and what its answer means for the next attempt. Redirects are not followed; the
 * caller retries.
 */
import type { LookupFunction } from "node:net";
import { Webhook } from "standardwebhooks";
import { Agent, type Dispatcher, request } from "undici";
import { isPublicAddress, literalAddress, publicOnlyLookup } from "../../sources/http/addresses.ts";
import { describeError } from "../../sources/http/failure-class.ts";
import { redact } from "../../sources/http/redact.ts";
import { retryAfterMs } from "../../sources/http/retry-after.ts";
import type { WebhookConfig } from "./contract.ts";
import { DeliveryError } from "./delivery-error.ts";
import { sendEmail } from "./email.ts";
import { hiddenParts } from "./hidden-parts.ts";
import type { HttpMessage, OutgoingMessage } from "./presets/preset.ts";

/** Bytes of an answer that are kept for errors. */
const ANSWER_BYTES = 512;
/** Up to this many further bytes of an answer are read, so that the connection can be used again. */
const REST_BYTES = 16 * 1024;
const GONE = 410;

export { DeliveryError } from "./delivery-error.ts";

export interface Delivery {
  readonly webhook: WebhookConfig;
  /** The same for every attempt. */
  readonly id: string;
  readonly message: OutgoingMessage;
  /** Real time, ms. A signature is valid for minutes only, so each attempt has its own. */
  readonly now: number;
}

export class WebhookSender {
  readonly #guarded: Agent;
  readonly #open: Agent;
  readonly #lookup: LookupFunction | undefined;
  readonly #stop = new AbortController();

  /** @param deps.lookup name resolution, for tests; the system's when absent */
  constructor(deps: { readonly lookup?: LookupFunction } = {}) {
    this.#lookup = deps.lookup;
    const common = { connections: 4, keepAliveTimeout: 10_000, maxHeaderSize: 32 * 1024 };
    this.#guarded = new Agent({ ...common, connect: { timeout: 10_000, lookup: publicOnlyLookup(deps.lookup) } });
    this.#open = new Agent({
      ...common,
      connect: { timeout: 10_000, ...(deps.lookup ? { lookup: deps.lookup } : {}) },
    });
  }

  /** Resolves when the receiver accepted the message (2xx, or a mail server's 250). Throws `DeliveryError`. */
  async send({ webhook, id, message, now }: Delivery): Promise<void> {
    const hidden = hiddenParts(webhook);
    const late = AbortSignal.timeout(webhook.timeoutMs);
    const signal = AbortSignal.any([late, this.#stop.signal]);
    try {
      if (message.kind === "email")
        await sendEmail({ webhook, id, message }, { signal, ...(this.#lookup ? { lookup: this.#lookup } : {}) });
      else
        for (const one of [message, ...(message.followUps ?? [])])
          await this.#request({ webhook, id, message: one, now }, { signal, hidden });
    } catch (error) {
      if (error instanceof DeliveryError) throw error;
      if (this.#stop.signal.aborted) throw new DeliveryError("hashfall was stopped while it was sent");
      if (late.aborted) throw new DeliveryError(`no answer within ${webhook.timeoutMs} ms`);
      throw new DeliveryError(redact(describeError(error), hidden));
    }
  }

  async #request(
    delivery: HttpDelivery,
    { signal, hidden }: { signal: AbortSignal; hidden: readonly string[] },
  ): Promise<void> {
    const { webhook, message, now } = delivery;
    refuseForbidden(webhook);
    const { statusCode, headers, body } = await request(message.url ?? webhook.url, {
      dispatcher: webhook.allowPrivate ? this.#open : this.#guarded,
      method: message.method ?? "POST",
      headers: headersOf(delivery),
      body: message.body,
      signal,
    });
    // Destroying an unread body emits an error event, which ends the process if nobody listens.
    body.on("error", () => undefined);
    if (statusCode >= 200 && statusCode < 300) {
      // The message was accepted. What follows in the answer does not matter.
      await body.dump({ limit: REST_BYTES, signal }).catch(() => undefined);
      return;
    }
    const said = redact(await beginning(body), hidden);
    const servedAt = Date.parse(text(headers.date) ?? "");
    throw new DeliveryError(`the receiver answered ${statusCode}${said === "" ? "" : `: ${said}`}`, {
      isGone: statusCode === GONE,
      waitMs: retryAfterMs(text(headers["retry-after"]), Number.isNaN(servedAt) ? now : servedAt),
    });
  }

  /** Aborts deliveries under way. */
  async close(): Promise<void> {
    this.#stop.abort();
    await Promise.all([this.#guarded.destroy(), this.#open.destroy()]);
  }
}

interface HttpDelivery extends Delivery {
  readonly message: HttpMessage;
}

function refuseForbidden({ url, allowPrivate }: WebhookConfig): void {
  if (allowPrivate) return;
  const { protocol, hostname } = new URL(url);
  if (protocol !== "https:") throw new DeliveryError("only https is allowed");
  // Sockets do no lookup for a literal address, so the guarded lookup would not check it.
  const literal = literalAddress(hostname);
  if (literal !== null && !isPublicAddress(literal)) throw new DeliveryError(`${literal} is a private address`);
}

function headersOf({ webhook, id, message, now }: HttpDelivery): Record<string, string> {
  const at = new Date(now);
  const signatures = webhook.secrets.map((secret) => new Webhook(secret).sign(id, at, message.body));
  return {
    // In lower case, so that hashfall's headers replace configured ones and none is sent twice.
    ...Object.fromEntries(Object.entries(webhook.headers).map(([name, value]) => [name.toLowerCase(), value])),
    "content-type": message.contentType ?? "application/json",
    "user-agent": "hashfall",
    "webhook-id": id,
    "webhook-timestamp": String(Math.floor(now / 1000)),
    ...(signatures.length === 0 ? {} : { "webhook-signature": signatures.join(" ") }),
    ...(webhook.authorization === undefined ? {} : { authorization: webhook.authorization }),
  };
}

/** The first bytes of an answer as one line of text. */
async function beginning(body: Dispatcher.ResponseData["body"]): Promise<string> {
  const pieces: Buffer[] = [];
  let size = 0;
  try {
    for await (const piece of body as AsyncIterable<Buffer>) {
      pieces.push(piece);
      size += piece.length;
      if (size >= ANSWER_BYTES) break;
    }
  } catch {
    // Only the status matters.
  }
  const said = Buffer.concat(pieces).subarray(0, ANSWER_BYTES).toString();
  return said.replaceAll(/[^\p{L}\p{N}\p{P}\p{S} ]+/gu, " ").trim();
}

function text(header: string | string[] | undefined): string | undefined {
  return typeof header === "string" ? header : undefined;
}
