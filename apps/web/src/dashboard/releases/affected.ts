/** What is old once something was done with a release. */
export const AFFECTED = [
  ...["releases", "release", "channels", "work-orders", "stations", "dry-run", "radius"],
] as const;
