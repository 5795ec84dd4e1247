import { access, constants } from "node:fs/promises";
import { isAbsolute } from "node:path";
import { type Hook, readHooks } from "../hooks/hooks-file.ts";
import { type Finding, fail, ok, warn } from "./finding.ts";

/** Whether the commands for the fixture can be understood, and are there. Nothing is run. */
export async function examineHooks(dataDir: string): Promise<Finding[]> {
  try {
    const hooks = Object.entries(await readHooks(dataDir));
    return await Promise.all(
      hooks.flatMap(([name, hook]) => (hook === undefined ? [] : [findingOf(name, hook)])),
    );
  } catch (error) {
    return [fail("fixture", error instanceof Error ? error.message : String(error))];
  }
}

async function findingOf(name: string, hook: Hook): Promise<Finding> {
  const program = "command" in hook ? (hook.command[0] ?? "") : "/bin/sh";
  // One without a path is looked for when it is run.
  if (isAbsolute(program) && !(await isProgram(program))) {
    return warn("fixture", `${name} runs ${program}, which is not there or may not be run.`);
  }
  return ok("fixture", `${name} runs ${program}, ${hook.seconds} s at most.`);
}

const isProgram = (path: string): Promise<boolean> =>
  access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
