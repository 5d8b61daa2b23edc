/** A message of ntfy, published as JSON to the server of the topic's address: `https://ntfy.sh/my-topic`. */
import { alertUrl, cut, type WebhookPreset } from "./preset.ts";
import { summaryOf, titleOf } from "./summary.ts";

/** A message over 4096 bytes becomes an attachment; three bytes a character stay below. */
const LONGEST_MESSAGE = 1300;
/** As ntfy's server takes it. */
const TOPIC = /^[-_A-Za-z0-9]{1,64}$/;
/** 1 min, 3 default, 5 max. */
const PRIORITIES = { info: 3, warning: 4, critical: 5 } as const;
const TAGS = { info: "large_blue_circle", warning: "warning", critical: "rotating_light" } as const;

export const ntfy: WebhookPreset = {
  name: "ntfy",
  description: "a message of ntfy, to the topic's address like `https://ntfy.sh/my-topic`",
  keepsState: false,
  fault: (_options, url) =>
    TOPIC.test(topicOf(url).topic)
      ? undefined
      : { key: "url", said: "must end in the topic: 1 to 64 letters, digits, hyphens and underscores" },
  message(alert, context) {
    const { server, topic } = topicOf(context.url);
    const url = alertUrl(alert, context.publicUrl);
    const isOver = alert.type === "resolved";
    return {
      kind: "http",
      url: server,
      body: JSON.stringify({
        topic,
        title: cut(titleOf(alert, context), 200),
        message: cut(summaryOf(alert), LONGEST_MESSAGE),
        priority: isOver ? 3 : PRIORITIES[alert.severity],
        tags: [isOver ? "white_check_mark" : TAGS[alert.severity]],
        ...(url === undefined ? {} : { click: url }),
      }),
    };
  },
};

/** JSON is published to the server's root; the topic is the last part of the path. */
function topicOf(address: string): { server: string; topic: string } {
  const url = new URL(address);
  const parts = url.pathname.split("/").filter((part) => part !== "");
  const topic = parts.pop() ?? "";
  url.pathname = `/${parts.join("/")}`;
  return { server: url.href, topic };
}
