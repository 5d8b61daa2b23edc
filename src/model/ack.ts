/** Acknowledgements of alerts. */

/** Somebody has seen an alert, and may say whether it was right: what weights are learned from. */
export interface Ack {
  readonly by: string;
  /** Empty when nothing was said. */
  readonly note: string;
  readonly at: string;
  readonly verdict?: AckVerdict;
  /** The region that fell, where the verdict is `other`. */
  readonly region?: string;
}

/** `right`: the alert named what fell; `wrong`: nothing fell; `other`: another region fell; `none`: what was said before is taken back. */
export const ACK_VERDICTS = ["right", "wrong", "other", "none"] as const;
export type AckVerdict = (typeof ACK_VERDICTS)[number];
