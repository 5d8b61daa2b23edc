/** `hashfall webhook test`: a marked test message, sent by a running service. */
import { Command, Option } from "commander";
import { z } from "zod";
import { HashfallError, messageOf } from "../model/errors.ts";

interface WebhookTestOptions {
  readonly url: string;
  readonly token?: string;
}

const Answer = z.object({ delivered: z.boolean(), reason: z.string().optional() });
const Refusal = z.object({ detail: z.string() });
/** Two messages to a receiver that keeps a state, each with the time that the configuration gives it. */
const ANSWER_MS = 120_000;

async function testWebhook(name: string, { url, token }: WebhookTestOptions): Promise<void> {
  const base = url.replace(/\/+$/, "");
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  let response: Response;
  let body: unknown;
  try {
    response = await fetch(`${base}/api/v1/webhooks/${encodeURIComponent(name)}/test`, {
      method: "POST",
      headers,
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    body = await response.json();
  } catch (error) {
    throw new HashfallError("SERVICE_UNREACHABLE", `${base} does not answer as hashfall does (${messageOf(error)})`, {
      kind: "temporary",
    });
  }
  const answer = Answer.safeParse(body);
  if (!response.ok || !answer.success) {
    const kind = response.status >= 500 ? "temporary" : "mistake";
    const why = Refusal.safeParse(body).data?.detail ?? "not a hashfall service";
    throw new HashfallError("SERVICE_REFUSED", `${base} answered ${response.status}: ${why}`, { kind });
  }
  if (!answer.data.delivered)
    throw new HashfallError("WEBHOOK_FAILED", `${name}: ${answer.data.reason ?? "not delivered"}`, {
      kind: "temporary",
    });
  process.stdout.write(`${name}: the receiver took the test message\n`);
}

export function webhookCommand(): Command {
  const test = new Command("test")
    .description("Asks a running service to send a message that is marked as a test, past filters and silences.")
    .argument("<name>", "the webhook's name in the configuration")
    .option("--url <url>", "where hashfall serves", "http://127.0.0.1:8080")
    .addOption(new Option("--token <token>", "with scope write, when the server asks for one").env("HASHFALL_TOKEN"))
    .action(testWebhook);
  return new Command("webhook").summary("send a marked test message to a webhook").addCommand(test);
}
