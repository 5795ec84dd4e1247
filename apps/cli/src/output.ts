import { access, constants, lstat, open, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { replaceFile, tryBeside } from "@flashline/durable-files";
import type { Console } from "./console.ts";
import { ExitCode } from "./exit.ts";
import { Refusal } from "./refusal.ts";
import { systemErrorReason } from "./system-error.ts";

/** A file that was made sure to be writable, before the work whose result goes there. */
export interface Output {
  /** All of it; once. Throws a Refusal that names the file. */
  readonly save: (bytes: Uint8Array) => Promise<void>;
  /** Drops the output. */
  readonly discard: () => Promise<void>;
}

export interface OutputOptions {
  /** Permissions, e.g. 0o600 where there may be secrets in it. Else those of the file before, or what the umask leaves. */
  readonly mode?: number;
}

/** Where it means another thing for a file that is to be written than for one that is read. */
const WHY: Readonly<Record<string, string>> = {
  ENOENT: "its folder does not exist",
  ENOTDIR: "its folder does not exist",
  EROFS: "the disk is read-only",
  EPIPE: "nobody reads it any more",
  ENXIO: "nobody reads it",
};

const reasonOf = (error: unknown): string =>
  WHY[codeOf(error)] ??
  systemErrorReason(error) ??
  (error instanceof Error ? error.message : String(error));

const codeOf = (error: unknown): string =>
  error instanceof Error && "code" in error ? String(error.code) : "";

async function named<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw new Refusal("usage.argument", `${file} cannot be written: ${reasonOf(cause)}.`, {
      cause,
    });
  }
}

const ifThere = async <T>(work: Promise<T>): Promise<T | undefined> =>
  work.catch((error: unknown) => {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  });

/**
 * A plain or new file is replaced in one step when its content is complete: a failure before leaves the old file. Other things
 * (device, pipe, symbolic link) are written to in place. Throws a Refusal where it cannot be written.
 */
export function openOutput(file: string, options: OutputOptions = {}): Promise<Output> {
  return named(file, async () => {
    const before = await ifThere(lstat(file));
    if (before !== undefined && !before.isFile()) return throughTo(file, options.mode);
    if (before !== undefined) await access(file, constants.W_OK);
    const mode = options.mode ?? (before === undefined ? undefined : before.mode & 0o777);
    // Tried and taken away again, so that an attempt that is killed leaves nothing behind.
    await tryBeside(file, mode);
    return {
      save: (bytes) => named(file, () => replaceFile(file, bytes, mode)),
      discard: () => Promise.resolve(),
    };
  });
}

export async function writeOutput(
  file: string,
  bytes: Uint8Array,
  options: OutputOptions = {},
): Promise<void> {
  await (await openOutput(file, options)).save(bytes);
}

async function throughTo(file: string, mode: number | undefined): Promise<Output> {
  const handle = await open(file, constants.O_WRONLY | constants.O_CREAT, mode ?? 0o666);
  return {
    save: (bytes) =>
      named(file, async () => {
        try {
          if ((await handle.stat()).isFile()) {
            if (mode !== undefined) await handle.chmod(mode);
            await handle.truncate();
          }
          await handle.writeFile(bytes);
        } finally {
          await handle.close();
        }
      }),
    discard: () => handle.close(),
  };
}

const STANDARD_OUTPUT = new Set(["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"]);

export const isStandardOutput = (file: string): boolean => STANDARD_OUTPUT.has(file);

/** For files that cannot go among the lines that a command prints. */
export function refuseStandardOutput(option: string, file: string | undefined): void {
  if (file === "-")
    throw new Refusal("usage.argument", `${option} needs the name of a file; "-" is none here.`);
}

/** The console of a command whose result is standard output itself: all it has to say goes to the error output. */
export function besideStandardOutput(console: Console, json: true | undefined): Console {
  if (json) throw new Refusal("usage.argument", "--json and - both want the standard output.");
  if (process.stdout.isTTY)
    throw new Refusal("usage.argument", "The standard output is a terminal; name a file.");
  const { terminal } = console;
  return { ...console, terminal: { ...terminal, write: terminal.writeError, interactive: false } };
}

export const writeStandardOutput = (bytes: Uint8Array): Promise<void> =>
  new Promise((done, fail) => {
    process.stdout.write(bytes, (cause) => {
      if (!cause) return done();
      const exit = codeOf(cause) === "EPIPE" ? ExitCode.Unread : ExitCode.Fail;
      fail(
        new Refusal("usage.argument", `The standard output did not take all: ${reasonOf(cause)}.`, {
          cause,
          exit,
          hint: "",
        }),
      );
    });
  });

type Names = readonly (string | undefined)[];

/**
 * Refuses an output that is one of the inputs, by another name too, or that is two outputs at once: it would be destroyed
 * before or while it is used. Before anything is opened.
 */
export async function keepApart(outputs: Names, inputs: Names): Promise<void> {
  const seen: { readonly file: string; readonly ids: readonly string[] }[] = [];
  const idsOf = async (file: string) => {
    const found = await stat(file, { bigint: true }).catch(() => undefined);
    // A device has no content that could be lost.
    if (found?.isCharacterDevice()) return [];
    return [resolve(file), ...(found === undefined ? [] : [`${found.dev}:${found.ino}`])];
  };
  for (const file of inputs) if (file !== undefined) seen.push({ file, ids: await idsOf(file) });
  for (const file of outputs) {
    if (file === undefined || isStandardOutput(file)) continue;
    const ids = await idsOf(file);
    const other = seen.find((one) => one.ids.some((id) => ids.includes(id)));
    if (other !== undefined)
      throw new Refusal(
        "usage.argument",
        file === other.file
          ? `${file} is named twice; it would be overwritten.`
          : `${file} and ${other.file} are the same file; it would be overwritten.`,
        { hint: "Name another file." },
      );
    seen.push({ file, ids });
  }
}
