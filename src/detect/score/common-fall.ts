/** What all rows together show at one onset and ramp, each with bounded say: a quick look at a fall of everything. */
export interface CommonFall {
  /** Relative to the rows' references. */
  readonly size: number;
  /** The same in standard deviations. */
  readonly t: number;
}

/** @param bound standard deviations that no row says more than */
export function commonFall(
  a: Float64Array,
  b: Float64Array,
  offset: number,
  counted: Uint8Array,
  bound: number,
): CommonFall {
  let signal = 0;
  let power = 0;
  for (let i = 0; i < counted.length; i++) {
    const information = counted[i] ? b[offset + i]! : 0;
    if (!(information > 0)) continue;
    const most = bound * Math.sqrt(information);
    signal += Math.max(-most, Math.min(most, a[offset + i]!));
    power += information;
  }
  return power > 0 ? { size: signal / power, t: signal / Math.sqrt(power) } : { size: 0, t: 0 };
}
