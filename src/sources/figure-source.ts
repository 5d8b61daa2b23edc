/** The frame of an adapter that reads one pool's figure from one JSON document. */
import type { z } from "zod";
import { HashfallError } from "../model/errors.ts";
import type { SourceDefaults, SourceDescription, SourceType } from "./adapter.ts";
import type { ErrorClass, FigureWindow } from "./contract.ts";
import { excerpt, SourceFailure } from "./failure.ts";
import { parseHashrate, parseHashrateBeside } from "./parse/hashrate.ts";
import { parseJson } from "./parse/json.ts";
import { isObject } from "./parse/shape.ts";
import { readSource } from "./read-source.ts";
import { cacheTime, fileTime, onlyPool, rateRow, raw } from "./rows.ts";
import type { SecretReader } from "./secret.ts";

/** What an adapter found in a document. */
export interface FoundFigure {
  /** As it came; undefined is a missing field, null the upstream's "unknown". */
  readonly value: unknown;
  /** Unit of a bare number: what the API documents, or what the document says beside it. */
  readonly unit: string;
  /** True when the document says the unit in a field of its own: a unit in the value's text then has to be the same. */
  readonly unitBeside?: boolean;
  readonly window: FigureWindow;
  /** Upstream's own time of the figure, ms. */
  readonly observedAt?: number | undefined;
  readonly observedAtBasis?: "body" | "last-block";
  /** Height of the chain that the pool mines; undefined when it does not say. */
  readonly chainHeight?: number | undefined;
}

export interface FigureSpec<Options> {
  readonly type: string;
  readonly describe: Omit<SourceDescription, "pools" | "rows">;
  readonly defaults: SourceDefaults;
  readonly options: z.ZodObject & z.ZodType<Options>;
  readonly spacingMs?: number;
  readonly statusClasses?: Readonly<Record<number, ErrorClass>>;
  readonly maxBytes?: number;
  /** The upstream writes files: `Last-Modified` is the time of the figure. */
  readonly isFile?: boolean;
  /** As in the registry's `SourceType`. */
  readonly forCoin?: SourceType["forCoin"];
  path(options: Options): string;
  /** Headers that carry a secret. */
  secretHeaders?(options: Options, read: SecretReader): Readonly<Record<string, string>>;
  /** What is wrong with options that are each right by themselves; null when nothing is. */
  fault?(options: Options): string | null;
  /** `empty` while the upstream legitimately has nothing. Throws `SourceFailure`. */
  figure(
    body: unknown,
    options: Options,
    context: { readonly text: string; readonly now: number },
  ): FoundFigure | "empty";
  /** Reads a body that is no JSON document; JSON when absent. */
  parse?(text: string): unknown;
}

/** A source type whose one row is a pool's figure; of one region, where the configuration says so. */
export function figureSource<Options>(spec: FigureSpec<Options>): SourceType {
  const { defaults } = spec;
  return {
    type: spec.type,
    describe: { ...spec.describe, pools: "one", rows: ["pool", "region"] },
    defaults,
    schema: spec.options,
    ...(spec.forCoin === undefined ? {} : { forCoin: spec.forCoin }),
    create(config, deps) {
      const pool = onlyPool(config);
      const parsed = spec.options.safeParse(config.options);
      if (!parsed.success) {
        throw new HashfallError("SOURCE_INVALID", `Source ${config.id}: ${parsed.error.issues[0]?.message}.`);
      }
      const options = parsed.data;
      const fault = spec.fault?.(options) ?? null;
      if (fault !== null) throw new HashfallError("SOURCE_INVALID", `Source ${config.id}: ${fault}.`);
      const headers = spec.secretHeaders?.(options, deps.secrets) ?? {};
      return readSource(config, deps, {
        defaults,
        headers,
        secrets: Object.values(headers),
        ...(spec.spacingMs === undefined ? {} : { spacingMs: spec.spacingMs }),
        ...(spec.statusClasses === undefined ? {} : { statusClasses: spec.statusClasses }),
        async read(reader) {
          const document = await reader.ask(
            spec.path(options),
            spec.maxBytes === undefined ? {} : { maxBytes: spec.maxBytes },
          );
          if (document === null) return "not-modified";
          const { text } = document;
          const body = (spec.parse ?? parseJson)(text);
          const found = spec.figure(body, options, { text, now: reader.now });
          if (found === "empty") return "empty";
          if (found.value === undefined) throw new SourceFailure("format", noFigure(body));
          const row = rateRow(config, {
            pool,
            hashrate: (found.unitBeside ? parseHashrateBeside : parseHashrate)(found.value, found.unit),
            window: found.window,
            staleAfterMs: defaults.staleAfterMs,
            raw: raw(found.value, found.unit),
            ...(found.observedAt === undefined
              ? (spec.isFile ? fileTime : cacheTime)(document, reader.now)
              : { observedAt: found.observedAt, observedAtBasis: found.observedAtBasis ?? "body" }),
          });
          return { rows: [row], bodySha256: document.bodySha256, chainHeight: found.chainHeight };
        },
      });
    },
  };
}

const MOST_KEYS = 8;

function noFigure(body: unknown): string {
  if (!isObject(body)) return `the document has no hash rate: it is ${excerpt(body)}`;
  const keys = Object.keys(body);
  const more = keys.length > MOST_KEYS ? ", ..." : "";
  return `the document has no hash rate; at its top are ${keys.slice(0, MOST_KEYS).join(", ") || "no keys"}${more}`;
}
