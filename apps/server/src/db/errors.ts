import { FlashlineError } from "@flashline/contract";

const UNREACHABLE = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "ENOTFOUND",
  "ETIMEDOUT",
  "EPIPE",
  // Prisma: cannot reach, timed out, connection closed.
  "P1001",
  "P1002",
  "P1008",
  "P1017",
]);
/**
 * PostgreSQL's class 08 (connection) and 57P (shut down, crashed, starting), a statement that took too long (57014), no connection
 * left (53300), a transaction that waited too long for its client (25P03) and one that was ended because it and another one waited
 * for each other (40P01): all may be asked again.
 */
const UNREACHABLE_STATE = /^(08|57P|57014$|53300$|25P03$|40P01$)/;
/** A statement took too long: the database works, and the same question in a calmer hour, or a smaller one, is answered. */
const TOO_LONG = "57014";
const UNIQUE_VIOLATION = new Set(["23505", "P2002"]);

function codeOf(error: unknown): string {
  if (typeof error !== "object" || error === null || !("code" in error)) return "";
  return typeof error.code === "string" ? error.code : "";
}

/** True when a unique index refused the row, told by `pg` or by Prisma. */
export const isUniqueViolation = (error: unknown): boolean => UNIQUE_VIOLATION.has(codeOf(error));

/** For what is looked for again where somebody else added it in this moment. */
export function undefinedIfTaken(error: unknown): undefined {
  if (!isUniqueViolation(error)) throw error;
}

/** True when a row names another one that is not there any more, or was to go while another one names it. */
export const isForeignKeyViolation = (error: unknown): boolean => codeOf(error) === "23503";

/**
 * What PostgreSQL says of a value that no column can hold: text with NUL, a number or a time beyond its range, a time or an offset that it
 * does not read, an index entry that is too long, JSON that is too deep. The contract refuses these earlier. This catches what it missed.
 */
const UNSTORABLE_STATE = new Set([
  ...["22021", "22P05", "22003", "22007", "22008", "22009"],
  ...["54000", "54001"],
]);

/** Name of the unique index or constraint that refused the row, as far as `pg` tells. */
export function violatedConstraint(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("constraint" in error)) return undefined;
  return typeof error.constraint === "string" ? error.constraint : undefined;
}

/** A file system has no room: for an image, or, as PostgreSQL tells it, for the database. */
const FULL = new Set(["ENOSPC", "EDQUOT", "EFBIG", "53100"]);

/** The one place where errors of `pg`, Prisma and the file system become ours. */
export function databaseErrorFrom(error: unknown): FlashlineError {
  if (error instanceof FlashlineError) return error;
  const code = codeOf(error);
  const message = error instanceof Error ? error.message : String(error);
  const lost =
    /Connection terminated|timeout exceeded when trying to connect|timeout expired|Can't reach|not queryable|Query read timeout/i;
  if (UNREACHABLE.has(code) || UNREACHABLE_STATE.test(code) || lost.test(message)) {
    const reason =
      code === TOO_LONG
        ? "The database needs longer for this than it may: choose a shorter time or fewer units, or try again later."
        : "The database is not reachable.";
    return new FlashlineError("server.unavailable", reason, { cause: error });
  }
  if (FULL.has(code)) {
    const where = code === "53100" ? "The database's disk" : "The server's disk";
    const message = `${where} is full: make room. Stations keep their results until it has.`;
    return new FlashlineError("server.disk_full", message, { cause: error });
  }
  if (isUniqueViolation(error))
    return new FlashlineError("request.conflict", undefined, { cause: error });
  if (UNSTORABLE_STATE.has(code)) {
    const reason = "The request holds a value that cannot be stored.";
    return new FlashlineError("request.invalid", reason, { cause: error });
  }
  return new FlashlineError("server.internal", undefined, { cause: error });
}

/** What went wrong with the very first connection, in words for the person who wrote the address. */
export function connectionErrorFrom(error: unknown): FlashlineError {
  const message = error instanceof Error ? error.message : String(error);
  const known = databaseErrorFrom(error);
  const code = known.code === "server.unavailable" ? known.code : "config.invalid";
  return new FlashlineError(code, `The database cannot be opened: ${message}`, { cause: error });
}
