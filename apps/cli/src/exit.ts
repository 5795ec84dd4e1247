/** Fixed: scripts rely on them. */
export const ExitCode = {
  /** PASS, or what was asked for is done. */
  Done: 0,
  /** FAIL, or the server refused. */
  Fail: 1,
  /** The command line, a file or a confirmation is wrong. Nothing was touched. */
  Usage: 2,
  /** No unit, or several and none was named. Nothing was touched. */
  NoUnit: 3,
  /** Whoever read the output went away before it was all there, and there is no outcome to tell; as shells count SIGPIPE. */
  Unread: 141,
} as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];
