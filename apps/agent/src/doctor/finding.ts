/** One of the contract's FINDING_LEVELS. */
export const Level = { Ok: "ok", Warn: "warn", Fail: "fail" } as const;
export type Level = (typeof Level)[keyof typeof Level];

/** One thing that was looked at. Only `fail` keeps this PC from flashing. */
export interface Finding {
  readonly name: string;
  readonly level: Level;
  /** What was found and, if something is wrong, what to do about it. */
  readonly sentence: string;
}

const at =
  (level: Level) =>
  (name: string, sentence: string): Finding => ({ name, level, sentence });
export const ok = at(Level.Ok);
export const warn = at(Level.Warn);
export const fail = at(Level.Fail);
