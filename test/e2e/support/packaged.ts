import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Environment } from "./rig.ts";

const deploy = fileURLToPath(new URL("../../../deploy/debian/", import.meta.url));
/** The launcher never takes an update as root. */
const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;

/** Gives a folder to the account that the agent runs as. */
export function giveAway(folder: string): void {
  if (isRoot) execFileSync("chown", ["-R", `${NOBODY}:${NOBODY}`, folder]);
}

/** The files of the agent's package as they would lie on a line PC, below `folder`; `app` is the program. */
export async function installPackage(folder: string, app: string): Promise<string> {
  const home = join(folder, "lib");
  await mkdir(join(home, "bin"), { recursive: true });
  await symlink(process.execPath, join(home, "bin/node"));
  await symlink(app, join(home, "app"));
  await writeFile(
    join(home, "versions.sh"),
    await readFile(join(deploy, "flashline-agent/versions.sh")),
  );
  const text = (await readFile(join(deploy, "service/launcher"), "utf8"))
    .replaceAll("/usr/lib/@NAME@", home)
    .replaceAll("/var/lib/@NAME@", folder)
    .replaceAll("@CONFIG@", join(folder, "agent.json"))
    .replaceAll("@NAME@", "nobody");
  await writeFile(join(folder, "agent.json"), "{}");
  const launcher = join(folder, "flashline-agent");
  await writeFile(launcher, text);
  await chmod(launcher, 0o755);
  return launcher;
}

/** What systemd does for the service: it starts the launcher again whenever the agent ends. */
export interface Supervised {
  readonly output: () => string;
  /** How often the launcher was started, and with which codes or signals the agent ended. */
  readonly ends: () => readonly string[];
  /** kill -9 of the agent that runs now; it is started again. */
  readonly kill: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

export function supervise(launcher: string, args: readonly string[], env: Environment): Supervised {
  let output = "";
  let stopping = false;
  const ends: string[] = [];
  let child: ChildProcess | undefined;
  const foreign = /^(FLASHLINE_|DATABASE_URL$|REDIS_URL$)/;
  const own = Object.entries(process.env).filter(([name]) => !foreign.test(name));
  const words = isRoot
    ? ["setpriv", `--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups", launcher]
    : [launcher];
  const [program = "", ...before] = words;
  const running = (async () => {
    while (!stopping) {
      child = spawn(program, [...before, ...args], {
        env: { ...Object.fromEntries(own), ...env },
        stdio: ["ignore", "pipe", "pipe"],
      });
      const hear = (chunk: Buffer): void => {
        output = (output + chunk.toString()).slice(-200_000);
      };
      child.stdout?.on("data", hear);
      child.stderr?.on("data", hear);
      const [code, signal]: (number | string | null)[] = await once(child, "exit");
      ends.push(String(code ?? signal));
      await pause(200);
    }
  })();
  return {
    output: () => output,
    ends: () => ends,
    async kill() {
      const before = ends.length;
      child?.kill("SIGKILL");
      while (ends.length === before) await pause(10);
    },
    async stop() {
      stopping = true;
      child?.kill("SIGTERM");
      await running;
    },
  };
}
