/** The little of a WebSocket that the client needs: the browser's own, Node's, or that of the `ws` package. */
export interface Socket {
  readonly protocol: string;
  send(data: string): void;
  close(code?: number, reason?: string): void;
  addEventListener(type: "open", listener: () => void): void;
  addEventListener(type: "error", listener: (event: { message?: string }) => void): void;
  addEventListener(type: "message", listener: (event: { data: unknown }) => void): void;
  addEventListener(type: "close", listener: (event: { code: number; reason: string }) => void): void;
}

export type SocketConstructor = new (url: string, protocols: string[]) => Socket;

/** The platform's WebSocket; Node before 22 has none of its own. */
export async function platformSocket(): Promise<SocketConstructor> {
  const own = (globalThis as { WebSocket?: unknown }).WebSocket;
  if (own) return own as SocketConstructor;
  const { WebSocket } = await import("ws");
  return WebSocket as unknown as SocketConstructor;
}

/** The subprotocols that a client offers; a token travels beside the protocol's name, where no log writes it down. */
export function subprotocols(token: string | undefined): string[] {
  if (token === undefined) return ["hashfall.v1"];
  const bytes = Array.from(new TextEncoder().encode(token), (byte) => String.fromCharCode(byte)).join("");
  const base64url = btoa(bytes).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
  return ["hashfall.v1", `hashfall.bearer.${base64url}`];
}
