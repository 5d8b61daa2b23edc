/** A body of one's own for everything else, in Liquid. Templates read the alert and a few texts; they run no code. */
import { Liquid, type Template } from "liquidjs";
import { z } from "zod";
import { messageOf } from "../../../model/errors.ts";
import { alertUrl, type WebhookPreset } from "./preset.ts";
import { summaryOf, titleOf } from "./summary.ts";

/** Loops of a template must not hold up the process: characters that are parsed, ms of rendering, values made. */
const engine = new Liquid({
  parseLimit: 20_000,
  renderLimit: 50,
  memoryLimit: 1_000_000,
  jsTruthy: true,
  strictFilters: true,
});
const parsed = new Map<string, Template[]>();

export const template: WebhookPreset = {
  name: "template",
  description: "a body of your own: `template`, in Liquid",
  keepsState: false,
  options: {
    template: z
      .string()
      .min(1)
      .max(20_000)
      .describe(
        "template: the body in Liquid; knows `alert`, `title`, `summary`, `url`, `test`; `| json` quotes a text",
      ),
    contentType: z
      .string()
      .regex(/^[\w.+-]+\/[\w.+-]+(; ?[\w-]+=[\w.-]+)?$/, "a media type like text/plain")
      .describe("template: media type of the body; JSON when absent"),
  },
  required: ["template"],
  fault({ template: text = "" }) {
    try {
      engine.parse(text);
      return undefined;
    } catch (error) {
      return { key: "template", said: `the template cannot be read: ${messageOf(error)}` };
    }
  },
  message(alert, context) {
    const { template: text = "", contentType } = context.options;
    const values = {
      alert,
      title: titleOf(alert, context),
      summary: summaryOf(alert),
      url: alertUrl(alert, context.publicUrl) ?? "",
      test: context.isTest ?? false,
    };
    const body = engine.renderSync(parse(text), values) as string;
    return { kind: "http", body, ...(contentType === undefined ? {} : { contentType }) };
  },
};

function parse(text: string): Template[] {
  const known = parsed.get(text) ?? engine.parse(text);
  // A reload brings other templates: those that nobody uses any more are not kept for ever.
  if (parsed.size > 100) parsed.clear();
  parsed.set(text, known);
  return known;
}
