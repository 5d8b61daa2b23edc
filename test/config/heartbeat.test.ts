import { describe, expect, it } from "vitest";
import { parseConfig } from "../../src/config/load.ts";

const NETWORKS = "networks: {bitcoin: {pools: {p: {}}}}\n";
const parsed = (heartbeat: string, env = {}) =>
  parseConfig(`${NETWORKS}heartbeat: ${heartbeat}`, { file: "c.yaml", env });

describe("heartbeat in the configuration", () => {
  it("may stand in the environment, and comes every minute unless said otherwise", () => {
    const env = { HEARTBEAT_URL: "https://watch.example.org/ping/uuid" };
    expect(parsed('{url: "${env:HEARTBEAT_URL}"}', env).heartbeat).toEqual({
      url: env.HEARTBEAT_URL,
      intervalMs: 60_000,
      allowPrivate: false,
    });
  });

  it.each([
    ['{url: "http://watch.example.org/secret-part"}', /heartbeat\.url: must be https/],
    ['{url: "secret-part"}', /heartbeat\.url: not a URL; allowed: https:/],
    ['{url: "https://watch.example.org", interval: 1s}', /heartbeat\.interval/],
    ["{}", /heartbeat\.url/],
  ])("%s is a fault that does not quote the address", (text, fault) => {
    expect(() => parsed(text)).toThrow(fault);
    expect(() => parsed(text)).not.toThrow(/secret-part/);
  });
});
