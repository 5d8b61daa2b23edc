/** What a process may do. One process does all of it by default; on a shared Redis each role scales by itself. */
export const ROLES = ["poll", "detect", "serve"] as const;
export type Role = (typeof ROLES)[number];
