/** What the routes share: how they are made, who may call them, and what they answer when they cannot. */
import type { HttpBindings } from "@hono/node-server";
import { OpenAPIHono, z } from "@hono/zod-openapi";
import type { Context, MiddlewareHandler } from "hono";
import { type Authenticator, bearerToken, type Grant } from "../auth.ts";
import { proxySign } from "../origin.ts";
import { Problem, ProblemError } from "./problem.ts";

export interface ApiEnv {
  readonly Bindings: HttpBindings;
  readonly Variables: { grant: Grant };
}

export type Api = OpenAPIHono<ApiEnv>;

/** A router whose refused input is a problem that names the field. */
export function makeApi(): Api {
  return new OpenAPIHono<ApiEnv>({
    defaultHook: (result) => {
      if (result.success) return;
      const issue = result.error.issues[0];
      const where = [result.target, ...(issue?.path ?? [])].join(".");
      throw new ProblemError("bad-request", `${where}: ${issue?.message ?? "not as documented"}`);
    },
  });
}

/** The header by which a proxy in front of us shows; null without one. */
function proxyOf({ env: { incoming } }: Context<ApiEnv>): string | null {
  return proxySign(incoming.headers, incoming.httpVersion);
}

/** Who does what they ask: the token's name; without tokens whoever they say they are. */
export function whoAsks(c: Context<ApiEnv>, by: string | undefined): string {
  return c.get("grant").name ?? by ?? "anonymous";
}

/** Reads the token once; with tokens configured nothing but a valid one reads. */
export function authenticate(auth: Authenticator): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    const proxy = proxyOf(c);
    const grant = auth.grant(bearerToken(c.req.header("authorization")), proxy !== null);
    if (grant.refused) throw new ProblemError("token-unknown");
    if (!grant.read) throw new ProblemError("token-needed", "send Authorization: Bearer TOKEN");
    c.set("grant", grant);
    await next();
  };
}

const JSON_TYPE = /^application\/json *(?:; *charset=(?:utf-8|"utf-8") *)?$/i;

/** Before every route that changes something: who may, and that a body is said to be JSON. */
export function mayWrite(auth: Authenticator): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    if (!c.get("grant").write) {
      if (auth.guarded) throw new ProblemError("scope-missing", "this token has no scope write");
      const proxy = proxyOf(c);
      const why =
        proxy === null
          ? "we are reachable from outside (server.host, server.publicUrl)"
          : `it came by a proxy (${proxy})`;
      throw new ProblemError("writes-refused", `${why}: configure server.tokens and send one`);
    }
    // A form's type is what curl and pages of other sites send unasked.
    const hasBody = Number(c.req.header("content-length") ?? 0) > 0;
    if (hasBody && !JSON_TYPE.test(c.req.header("content-type") ?? ""))
      throw new ProblemError("unsupported-media-type", "send Content-Type: application/json");
    await next();
  };
}

/** A 200 answer of JSON. */
export function answers<T extends z.ZodType>(description: string, schema: T) {
  return { description, content: { "application/json": { schema } } };
}

/** A successful answer that is no JSON, for OpenAPI. */
export function document(description: string, contentType: string) {
  return { description, content: { [contentType]: { schema: z.string() } } };
}

/** The error answers that every route shares. */
export const PROBLEM_ANSWERS = {
  400: { description: "Bad request", content: { "application/problem+json": { schema: Problem } } },
  401: { description: "Token needed or unknown", content: { "application/problem+json": { schema: Problem } } },
  503: { description: "The store does not answer", content: { "application/problem+json": { schema: Problem } } },
} as const;

export const NOT_FOUND_ANSWER = {
  404: { description: "Not found", content: { "application/problem+json": { schema: Problem } } },
} as const;

export const WRITE_ANSWERS = {
  403: { description: "Writing is not allowed", content: { "application/problem+json": { schema: Problem } } },
} as const;
