/** Whether a process can do its work: one line for each thing that it needs. */

export interface ReadinessCheck {
  readonly name: string;
  readonly ok: boolean;
  /** What is missing, for a person; also a warning of a check that is ok. */
  readonly detail?: string;
}

/** Answers at once from memory: `/readyz` asks nobody. */
export type Readiness = () => readonly ReadinessCheck[];
