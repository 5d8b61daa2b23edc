/** The same inputs in every run of `npm test`, so that what fails once fails again; `FC_SEED` draws others. */
export const SEED = Number(process.env.FC_SEED ?? 7);
