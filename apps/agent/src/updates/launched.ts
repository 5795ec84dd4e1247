/** How the package's launcher started this process. Undefined elsewhere: nothing starts another version from a checkout. */
export interface Launched {
  /** Interface of the launcher. */
  readonly launcher: number;
  /** Folder of the versions. */
  readonly versions: string;
  /** Folder in it of the version that runs; {@link PACKAGE}: the package's own. */
  readonly started: string;
}

/** What the launcher calls the version that the package brought. */
export const PACKAGE = "package";

/** With which code the agent ends so that the launcher starts another version. */
export const EXIT_SWITCH = 75;

export function readLaunched(
  environment: Readonly<Record<string, string | undefined>>,
): Launched | undefined {
  const launcher = Number(environment["FLASHLINE_LAUNCHER"]);
  const versions = environment["FLASHLINE_VERSIONS"] ?? "";
  const started = environment["FLASHLINE_STARTED"] ?? "";
  if (!Number.isInteger(launcher) || launcher < 1) return undefined;
  return versions === "" || started === "" ? undefined : { launcher, versions, started };
}
