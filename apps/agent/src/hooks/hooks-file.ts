import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { FlashlineError } from "@flashline/contract";
import { z } from "zod";

const text = z.string().min(1).max(4096);
const seconds = z.number().min(0.1).max(60).default(10);
/** A program with its arguments, or a line for a shell where somebody asks for one. */
const Hook = z.union([
  z.strictObject({ command: z.array(text).min(1).max(100), seconds }),
  z.strictObject({ shell: text, seconds }),
]);
/** What is run for the fixture, and how long it may take. */
export type Hook = Readonly<z.output<typeof Hook>>;

const HooksFile = z.strictObject({
  beforeStart: Hook.optional(),
  afterPass: Hook.optional(),
  afterFail: Hook.optional(),
});
/** The hooks of a station, by when they are run. */
export type HookCommands = Readonly<z.output<typeof HooksFile>>;

const NAME = "hooks.json";

/**
 * Without the file there are none. One that cannot be understood is not passed over: a fixture would stay open.
 * @throws FlashlineError `config.invalid` that names every problem, one a line.
 */
export async function readHooks(dataDir: string): Promise<HookCommands> {
  const path = join(dataDir, NAME);
  const content = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw new FlashlineError("config.invalid", `${path} cannot be read: ${error.message}`);
  });
  if (content === undefined) return {};
  const parsed = HooksFile.safeParse(jsonIn(content, path));
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
  throw new FlashlineError("config.invalid", [`${path}:`, ...problems].join("\n"));
}

function jsonIn(content: string, path: string): unknown {
  try {
    return JSON.parse(content);
  } catch (cause) {
    throw new FlashlineError("config.invalid", `${path} is no JSON.`, { cause });
  }
}
