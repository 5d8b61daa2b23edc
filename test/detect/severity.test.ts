import { describe, expect, it } from "vitest";
import { raisedSeverity, severityOf } from "../../src/detect/alerts/severity.ts";

describe("severity", () => {
  it.each([
    [0.12, 0.95, "critical"],
    [0.12, 0.5, "warning"],
    [0.02, 0.95, "warning"],
    [0.005, 0.99, "info"],
  ] as const)("a share of %d with probability %d is %s", (share, probability, severity) => {
    expect(severityOf({ criticalShare: 0.05, warningShare: 0.015, minProbability: 0.8 }, share, probability)).toBe(
      severity,
    );
  });

  it("rises with time and never falls", () => {
    expect(raisedSeverity("critical", "info", false)).toBe("critical");
    expect(raisedSeverity("info", "info", true)).toBe("warning");
    expect(raisedSeverity("warning", "warning", true)).toBe("critical");
  });
});
