/** REST from the page: the same origin, and the token of this tab when the server asks for one. */
import type { z } from "zod";
import type * as schemas from "../deliver/http/schemas.ts";

export type NetworkItem = z.infer<typeof schemas.NetworkItem>;
export type RegionItem = z.infer<typeof schemas.RegionItem>;
export type PoolItem = z.infer<typeof schemas.PoolItem>;
export type SourceItem = z.infer<typeof schemas.SourceItem>;
export type AlertItem = z.infer<typeof schemas.AlertItem>;
export type AlertDetail = z.infer<typeof schemas.AlertDetail>;
export type HistoryItem = z.infer<typeof schemas.HistoryItem>;
export type SilenceItem = z.infer<typeof schemas.SilenceItem>;

interface List<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

/** Longer than any list takes; a request that hangs must not keep others waiting for its connection. */
const ANSWER_WITHIN_MS = 15_000;
const TOKEN_KEY = "hashfall-token";

export class ApiError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** Kept for this tab alone. */
export function storedToken(): string | undefined {
  return sessionStorage.getItem(TOKEN_KEY) ?? undefined;
}

export function keepToken(token: string): void {
  sessionStorage.setItem(TOKEN_KEY, token);
}

async function request<T>(path: string, init: RequestInit = {}): Promise<T> {
  const headers = new Headers(init.headers);
  const token = storedToken();
  if (token !== undefined) headers.set("authorization", `Bearer ${token}`);
  const response = await fetch(new URL(`api/v1${path}`, document.baseURI), {
    ...init,
    headers,
    signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
  });
  if (response.status === 204) return undefined as T;
  const body = (await response.json()) as T & { code?: string; title?: string; detail?: string };
  if (!response.ok) throw new ApiError(body.code ?? "internal", body.detail ?? body.title ?? response.statusText);
  return body;
}

/** One list; parameters that are undefined are left out. */
export async function list<T>(
  path: string,
  parameters: Readonly<Record<string, string | undefined>>,
): Promise<List<T>> {
  const given = Object.entries(parameters).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return request<List<T>>(`${path}?${new URLSearchParams(given)}`);
}

export async function one<T>(path: string): Promise<T> {
  return request<T>(path);
}

export async function send<T>(method: "POST" | "DELETE", path: string, body?: object): Promise<T> {
  return request<T>(path, {
    method,
    ...(body ? { body: JSON.stringify(body), headers: { "content-type": "application/json" } } : {}),
  });
}
