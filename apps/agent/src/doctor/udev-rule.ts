import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { FlashlineError } from "@flashline/contract";

/** Lets who is in `plugdev` open STM32 bootloaders, and keeps the kernel from suspending them. */
export const UDEV_RULE = `SUBSYSTEM=="usb", ATTR{idVendor}=="0483", ATTR{idProduct}=="df11", MODE="0660", GROUP="plugdev", ATTR{power/control}="on"`;
/** Lets them ask hubs what is on their ports, so that a unit that was taken out is told from one whose link was lost. */
const HUB_RULE = `SUBSYSTEM=="usb", ENV{DEVTYPE}=="usb_device", ATTR{bDeviceClass}=="09", MODE="0660", GROUP="plugdev"`;
const FILE = "etc/udev/rules.d/60-flashline.rules";

/** The file of rules; `writtenBy` says in it where it comes from. */
export const udevRules = (writtenBy: string): string =>
  `# ${writtenBy}: STM32 bootloaders on USB, and hubs.\n${UDEV_RULE}\n${HUB_RULE}\n`;

/**
 * Writes the rules, and lets them take effect for what is plugged in. Returns what was done, in sentences.
 * @throws FlashlineError `config.invalid` when this user may not write it.
 */
export async function writeUdevRule(root = "/"): Promise<readonly string[]> {
  const path = join(root, FILE);
  const text = udevRules("Written by flashline-agent doctor --write-udev-rule");
  await writeFile(path, text).catch((cause: unknown) => {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new FlashlineError(
      "config.invalid",
      `The rules cannot be written: ${reason} Run it as root.`,
      {
        cause,
      },
    );
  });
  const run = promisify(execFile);
  try {
    await run("udevadm", ["control", "--reload"]);
    await run("udevadm", ["trigger", "--subsystem-match=usb", "--attr-match=idVendor=0483"]);
    await run("udevadm", ["trigger", "--subsystem-match=usb", "--attr-match=bDeviceClass=09"]);
    return [`Wrote ${path}. It holds now.`];
  } catch {
    return [`Wrote ${path}. Start the PC again, so that it holds: udevadm did not answer.`];
  }
}
