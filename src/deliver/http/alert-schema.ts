/** `/alert.schema.json`: an alert event as JSON Schema 2020-12, with the rules of which field stands in which type and scope. */
import { z } from "zod";
import { AlertEvent, type AlertType, type Scope } from "../../model/alert.ts";

type JsonSchema = Readonly<Record<string, unknown>>;
type Field = keyof AlertEvent;

interface Rule {
  readonly when: { readonly type?: readonly AlertType[]; readonly scope?: readonly Scope[] };
  readonly required?: readonly Field[];
  /** Fields that do not stand there. */
  readonly absent?: readonly Field[];
  readonly properties?: Readonly<Partial<Record<Field, JsonSchema>>>;
}

/** The table; every field that is not named here may stand anywhere. */
const RULES: readonly Rule[] = [
  { when: { type: ["resolved"] }, required: ["endedAt", "resolution"] },
  { when: { type: ["opened", "updated"] }, absent: ["endedAt", "resolution", "supersededBy"] },
  { when: { type: ["opened"] }, properties: { revision: { const: 1 } } },
  {
    when: { type: ["opened", "updated"], scope: ["region"] },
    required: ["lost", "drop", "candidates", "evidence"],
  },
  { when: { scope: ["region"] }, absent: ["pool", "source", "verdict"] },
  {
    when: { scope: ["pool", "network", "source"] },
    properties: { region: { const: null }, ambiguous: { const: false } },
  },
  { when: { scope: ["pool"] }, required: ["pool"], absent: ["source", "verdict", "candidates"] },
  { when: { scope: ["network"] }, absent: ["pool", "source", "verdict", "candidates"] },
  { when: { scope: ["source"] }, required: ["source", "verdict"], absent: ["pool", "drop", "lost", "candidates"] },
];

/** Spelled apart: an object that says `then` outright looks like a promise to linters. */
const THEN = "then";

function implies(condition: JsonSchema, consequence: JsonSchema): JsonSchema {
  return { if: condition, [THEN]: consequence };
}

function conditional({ when, required, absent, properties }: Rule): JsonSchema {
  const condition: Record<string, JsonSchema> = {};
  if (when.type) condition.type = { enum: when.type };
  if (when.scope) condition.scope = { enum: when.scope };
  const refused = Object.fromEntries((absent ?? []).map((field) => [field, false]));
  return implies(
    { properties: condition, required: Object.keys(condition) },
    {
      ...(required ? { required } : {}),
      ...(properties || absent ? { properties: { ...properties, ...refused } } : {}),
    },
  );
}

/** The schema of the stored part; what delivery adds (`cursor`, `latency`) is an unknown field to it, and ignored. */
export function alertSchema(): JsonSchema {
  const base = z.toJSONSchema(AlertEvent, { io: "input" });
  const regional = (ambiguous: boolean): JsonSchema => ({
    properties: { scope: { const: "region" }, ambiguous: { const: ambiguous } },
    required: ["scope", "ambiguous"],
  });
  const open = implies(regional(true), {
    properties: { region: { const: null }, candidates: { minItems: 2 } },
    required: ["candidates"],
  });
  const named = implies(regional(false), { properties: { region: { type: "string" } } });
  return { ...base, title: "hashfall alert event", allOf: [...RULES.map(conditional), open, named] };
}
