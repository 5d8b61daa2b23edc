/** Finds the error in an answer that came with status 200: many APIs say "too often" or "no such pool" so. */
import type { ErrorClass } from "../contract.ts";
import { excerpt } from "../failure.ts";
import { isObject, own, textOf } from "./shape.ts";

export interface ErrorAnswer {
  readonly class: ErrorClass;
  /** Its own words, with its code when it has one. */
  readonly text: string;
}

const CODES = ["statusCode", "status_code", "status", "code", "errorCode", "error_code", "err_no", "errno"];
const MESSAGES = [
  "message",
  "msg",
  "err_msg",
  "error_message",
  "error_description",
  "errorMessage",
  "detail",
  "reason",
];
const FINE = /^(ok|success|successful|true|none|0|200)?$/i;
const FAILED = /^(error|fail|failed|failure|false)$/i;

/** Null for a document that says no error. Only its top and what stands under `error`, `errors` or `data.error` are read. */
export function errorAnswer(document: unknown): ErrorAnswer | null {
  if (!isObject(document)) return null;
  const code = codeIn(document);
  const nested = [own(document, "error"), own(document, "errors"), own(own(document, "data"), "error")];
  for (const each of nested) {
    const said = wordsOf(each);
    if (said !== undefined) return answer(codeIn(each) ?? codeIn(firstOf(each)) ?? code, said);
  }
  const words = MESSAGES.map((name) => textOf(own(document, name))).find((text) => text !== undefined && text !== "");
  const failed =
    own(document, "success") === false ||
    own(document, "ok") === false ||
    own(document, "status") === false ||
    FAILED.test(textOf(own(document, "status")) ?? "") ||
    (code !== undefined && !FINE.test(code));
  // A bare `{"message": "..."}` is an error too: whatever else an answer holds, a figure would stand beside it.
  const bare = words !== undefined && !FINE.test(words) && Object.keys(document).length <= 3;
  if (!failed && !bare) return null;
  return answer(code, words ?? own(document, "status"));
}

function answer(code: string | undefined, said: unknown): ErrorAnswer {
  const words = typeof said === "string" ? said : excerpt(said ?? "an error");
  const text = code === undefined || FINE.test(code) || words.includes(code) ? words : `${code}: ${words}`;
  return { class: classOf(code, words), text };
}

function classOf(code: string | undefined, words: string): ErrorClass {
  if (/^(402|418|420|429|430)$/.test(code ?? "")) return "rate-limited";
  if (/rate.?limit|rate exceeded|too many|too often|throttl|limit exceeded|slow down|quota/i.test(words))
    return "rate-limited";
  if (/^(401|403|407)$/.test(code ?? "")) return "auth";
  if (
    /unauthori[sz]ed|forbidden|(api.?key|token|signature|credential)s?\b.*(invalid|missing|required|wrong|expired)/i.test(
      words,
    )
  )
    return "auth";
  if (/(invalid|missing|wrong|expired|no) (api.?key|token|signature|credential)/i.test(words)) return "auth";
  if (/^451$/.test(code ?? "")) return "geo-blocked";
  return "semantic";
}

function codeIn(value: unknown): string | undefined {
  for (const name of CODES) {
    const text = textOf(own(value, name));
    // `status: "OK"` and the like are no codes.
    if (text !== undefined && /^-?\d{1,6}$/.test(text)) return text;
  }
  return undefined;
}

function firstOf(value: unknown): unknown {
  return Array.isArray(value) ? value[0] : undefined;
}

/** The words of an `error` field: text, `{message}`, or a list of either; undefined when it says that there is none. */
function wordsOf(value: unknown): string | undefined {
  if (value === true) return "an error";
  if (typeof value === "string") return FINE.test(value.trim()) ? undefined : value;
  if (Array.isArray(value)) return wordsOf(value[0]);
  if (!isObject(value)) return undefined;
  const words = MESSAGES.map((name) => textOf(own(value, name))).find((text) => text !== undefined && text !== "");
  return words ?? (Object.keys(value).length > 0 ? excerpt(value) : undefined);
}
