/** Fixed: scripts rely on them. */
export const ExitCode = {
  /** PASS, or what was asked for is done. */
  Done: 0,
  /** FAIL, or the server refused. */
  Fail: 1,
  /** The command line, a file or a confirmation is wrong. Nothing was touched. */
  Usage: 2,
  /** No unit, or several and none was named, or stopped before one was opened. Nothing was touched. */
  NoUnit: 3,
  /** The reader of the output went away before its end, and there was no outcome to report. Shells give SIGPIPE the same number. */
  Unread: 141,
} as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];
