import { describe, expect, it } from "vitest";
import { isPublicAddress } from "../../src/sources/http/addresses.ts";
import { redact } from "../../src/sources/http/redact.ts";
import { retryAfterMs } from "../../src/sources/http/retry-after.ts";
import { classOfStatus } from "../../src/sources/http/status.ts";

describe("small parts", () => {
  it.each([
    ["8.8.8.8", true],
    ["2606:4700::1111", true],
    ["10.0.0.1", false],
    ["127.0.0.1", false],
    ["169.254.169.254", false],
    ["100.64.0.1", false],
    ["192.168.1.1", false],
    ["172.16.5.4", false],
    ["0.0.0.0", false],
    ["255.255.255.255", false],
    ["224.0.0.1", false],
    ["198.18.0.1", false],
    ["::1", false],
    ["fc00::1", false],
    ["fe80::1", false],
    ["::ffff:10.0.0.1", false],
    ["64:ff9b::a00:1", false],
    ["2002:a00:1::", false],
    ["no address", false],
  ])("%s is public: %s", (address, expected) => {
    expect(isPublicAddress(address)).toBe(expected);
  });

  it.each([
    ["120", 120_000],
    ["0", 0],
    [" 1.5 ", 1_500],
    ["Thu, 01 Jan 2026 00:02:00 GMT", 120_000],
    ["Wed, 31 Dec 2025 23:59:00 GMT", 0],
    ["99999999", 86_400_000],
    ["-5", undefined],
    ["5 minutes", undefined],
    ["soon", undefined],
    ["2", 2_000],
    ["", undefined],
  ])("Retry-After %j is %j ms", (header, expected) => {
    expect(retryAfterMs(header, 1_767_225_600_000)).toBe(expected);
  });

  it("an adapter's own table of statuses wins", () => {
    expect(classOfStatus(503)).toBe("http");
    expect(classOfStatus(503, { 503: "rate-limited" })).toBe("rate-limited");
    expect([402, 418, 429, 430].map((status) => classOfStatus(status))).toEqual(Array(4).fill("rate-limited"));
  });

  it("secrets are cut out in every form, and users from URLs", () => {
    const secret = "s3cret/+token";
    const forms = [secret, encodeURIComponent(secret), Buffer.from(secret).toString("base64")];
    const text = redact(`failed ${forms.join(" ")} at https://user:pw@example.com/x\nnext`, [secret]);
    for (const form of [...forms, "pw@"]) expect(text).not.toContain(form);
    expect(text).toContain("https://[redacted]@example.com/x next");
    expect(redact("x".repeat(1_000), []).length).toBe(160);
  });
});
