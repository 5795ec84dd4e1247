/** What the system says in one word, in a sentence. */
const WHY: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  ENOTDIR: "there is no such file",
  EISDIR: "it is a folder",
  EACCES: "permission is denied",
  EPERM: "permission is denied",
  EADDRINUSE: "the port is in use by another program",
  EADDRNOTAVAIL: "this PC has no such address",
  ECONNREFUSED: "nothing listens there",
  ECONNRESET: "the other side ended the connection",
  ENOTFOUND: "no computer has that name",
  EAI_AGAIN: "the name of the computer could not be looked up",
  EHOSTUNREACH: "it cannot be reached",
  ENETUNREACH: "it cannot be reached",
  ETIMEDOUT: "it does not answer",
  ENOSPC: "the disk is full",
  EMFILE: "too many files are open",
  EIO: "the disk or device fails",
};

const detail = (error: Error, name: string): string => {
  const value: unknown = Reflect.get(error, name);
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
};

/** "nothing listens there"; undefined for anything but a system's error. */
export function systemErrorReason(error: unknown): string | undefined {
  return error instanceof Error ? WHY[detail(error, "code")] : undefined;
}

/** A file that is not there, a port that is taken: "unit.bin: there is no such file."; undefined for any other error. */
export function systemErrorText(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const code = detail(error, "code");
  if (code === "") return undefined;
  const why = WHY[code];
  if (why === undefined) return error.message;
  const address = [detail(error, "address"), detail(error, "port")].filter((part) => part !== "");
  const what = detail(error, "path") || detail(error, "hostname") || address.join(":");
  return what === "" ? `${why[0]?.toUpperCase()}${why.slice(1)}.` : `${what}: ${why}.`;
}
