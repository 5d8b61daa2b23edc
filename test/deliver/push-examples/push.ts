// A program that sends its own rows: `npm install standardwebhooks`. config/docs/push.md shows this file.
import { randomUUID } from "node:crypto";
import { Webhook } from "standardwebhooks";

/** @returns the status and what became of the rows; `refused` names each bad one with its line and why */
export async function pushSamples(url: string, secret: string, rows: readonly object[]): Promise<[number, unknown]> {
  const [id, now] = [randomUUID(), new Date()];
  const body = JSON.stringify({ samples: rows });
  const headers = {
    "content-type": "application/json",
    "webhook-id": id, // the same when the same message is sent again: then it counts once
    "webhook-timestamp": `${Math.floor(now.getTime() / 1000)}`,
    "webhook-signature": new Webhook(secret).sign(id, now, body),
  };
  const answer = await fetch(url, { method: "POST", headers, body });
  return [answer.status, await answer.json()];
}
