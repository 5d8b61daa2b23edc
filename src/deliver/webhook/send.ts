/** One delivery over HTTP, and what its answer means for the next attempt. */
import { Webhook } from "standardwebhooks";
import { Agent, request } from "undici";
import { HashfallError, messageOf } from "../../model/errors.ts";

const TIMEOUT_MS = 10_000;
/** More of an answer than this nobody reads. */
const ANSWER_BYTES = 4096;
/** Answers after which trying again may help; every other refusal is the receiver's last word. */
const PASSING = new Set([408, 425, 429]);

/** A delivery that failed; `isFinal` when another attempt would be refused as well. */
export class DeliveryError extends HashfallError {
  readonly isFinal: boolean;
  /** What the receiver asked to wait, ms. */
  readonly retryAfterMs: number | undefined;

  constructor(message: string, options: { isFinal: boolean; retryAfterMs?: number | undefined }) {
    super("WEBHOOK_FAILED", message, { kind: options.isFinal ? "mistake" : "temporary" });
    this.isFinal = options.isFinal;
    this.retryAfterMs = options.retryAfterMs;
  }
}

export interface Delivery {
  readonly url: string;
  /** The same for every attempt. */
  readonly id: string;
  readonly body: string;
  readonly secret: string | undefined;
  /** Real time, ms; a signature is only good for a while, so it is made anew for each attempt. */
  readonly now: number;
}

export class WebhookSender {
  readonly #agent = new Agent({ connections: 4, connect: { timeout: TIMEOUT_MS } });

  /** Resolves when the receiver took it. Throws `DeliveryError`. */
  async send({ url, id, body, secret, now }: Delivery): Promise<void> {
    const at = new Date(now);
    const signature = secret === undefined ? {} : { "webhook-signature": new Webhook(secret).sign(id, at, body) };
    const headers = {
      "content-type": "application/json",
      "user-agent": "hashfall",
      "webhook-id": id,
      "webhook-timestamp": String(Math.floor(now / 1000)),
      ...signature,
    };
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const answer = await request(url, { method: "POST", headers, body, signal, dispatcher: this.#agent }).catch(
      (error: unknown) => {
        throw new DeliveryError(messageOf(error), { isFinal: false });
      },
    );
    await answer.body.dump({ limit: ANSWER_BYTES, signal }).catch(() => {});
    const status = answer.statusCode;
    if (status >= 200 && status < 300) return;
    const isFinal = status < 500 && !PASSING.has(status);
    throw new DeliveryError(`the receiver answered ${status}`, {
      isFinal,
      retryAfterMs: retryAfter(answer.headers, now),
    });
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }
}

/** Seconds or a date, as HTTP allows. */
function retryAfter(headers: Readonly<Record<string, string | string[] | undefined>>, now: number): number | undefined {
  const value = headers["retry-after"];
  if (typeof value !== "string") return undefined;
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - now;
  return Number.isFinite(ms) && ms > 0 ? ms : undefined;
}
