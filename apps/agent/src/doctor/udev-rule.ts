import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { FlashlineError } from "@flashline/contract";

/** Lets who is in `plugdev` open STM32 bootloaders, and keeps the kernel from suspending them. */
export const UDEV_RULE = `SUBSYSTEM=="usb", ATTR{idVendor}=="0483", ATTR{idProduct}=="df11", MODE="0660", GROUP="plugdev", ATTR{power/control}="on"`;
const FILE = "etc/udev/rules.d/60-flashline.rules";
const COMMENT = "# Written by flashline-agent doctor --write-udev-rule: STM32 bootloaders on USB.";

/**
 * Writes the rule, and lets it take effect for units that are plugged in. Returns what was done, in sentences.
 * @throws FlashlineError `config.invalid` when this user may not write it.
 */
export async function writeUdevRule(root = "/"): Promise<readonly string[]> {
  const path = join(root, FILE);
  await writeFile(path, `${COMMENT}\n${UDEV_RULE}\n`).catch((cause: unknown) => {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new FlashlineError(
      "config.invalid",
      `The rule cannot be written: ${reason} Run it as root.`,
      {
        cause,
      },
    );
  });
  const run = promisify(execFile);
  try {
    await run("udevadm", ["control", "--reload"]);
    await run("udevadm", ["trigger", "--subsystem-match=usb", "--attr-match=idVendor=0483"]);
    return [`Wrote ${path}. It holds now.`];
  } catch {
    return [`Wrote ${path}. Start the PC again, so that it holds: udevadm did not answer.`];
  }
}
