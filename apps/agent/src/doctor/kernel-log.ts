import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { type Finding, ok, warn } from "./finding.ts";

/** What the kernel says when a controller is at its limit, and what to do (drivers/usb/host/xhci.c, drivers/usb/core/hub.c). */
const COMPLAINTS = [
  {
    pattern: /No available device slots|Error while assigning device slot ID/,
    says: "A USB controller has no slot left for another device",
    todo: "Spread the units over more controllers, or unplug what is not needed",
  },
  {
    pattern: /Not enough bandwidth|Not enough host controller resources/,
    says: "A USB controller has no bandwidth or memory left for another device",
    todo: "Spread the units over more controllers",
  },
  {
    pattern: /over-current condition/,
    says: "A port drew too much current",
    todo: "Look for a short in the nest or its cable",
  },
  {
    pattern: /xHCI host controller not responding, assume dead|HC died; cleaning up/,
    says: "A USB controller died",
    todo: "Start the PC again. If it comes back, use another controller",
  },
] as const;

/** A message of the kernel is not longer (Documentation/ABI/testing/dev-kmsg). */
const MESSAGE_BYTES = 8_192;
/** More messages than a kernel keeps. */
const MOST = 50_000;

/** What the kernel has said of its USB controllers since it started. Empty where this user may not read that. */
export async function examineKernelLog(path = "/dev/kmsg"): Promise<Finding[]> {
  const messages = await readMessages(path);
  if (messages === undefined) return [];
  const found = COMPLAINTS.flatMap(({ pattern, says, todo }) => {
    const times = messages.filter((message) => pattern.test(message)).length;
    const often = times === 1 ? "once" : `${times} times`;
    return times === 0
      ? []
      : [warn("kernel", `${says}: the kernel said so ${often} since it started. ${todo}.`)];
  });
  return found.length > 0
    ? found
    : [ok("kernel", "It has not complained about a USB controller since it started.")];
}

async function readMessages(path: string): Promise<readonly string[] | undefined> {
  let file: FileHandle;
  try {
    // Without waiting for what the kernel says next.
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch {
    return undefined;
  }
  const messages: string[] = [];
  const buffer = Buffer.alloc(MESSAGE_BYTES);
  try {
    while (messages.length < MOST) {
      const bytes = await file.read(buffer, 0, buffer.length, null).then(
        ({ bytesRead }) => bytesRead,
        // What was overwritten while we read is left out; any other error, as EAGAIN, is the end.
        (error: unknown) => (isOverwritten(error) ? undefined : 0),
      );
      if (bytes === 0) break;
      if (bytes !== undefined) messages.push(buffer.subarray(0, bytes).toString("utf8"));
    }
  } finally {
    await file.close();
  }
  return messages;
}

const isOverwritten = (error: unknown): boolean =>
  error instanceof Error && "code" in error && error.code === "EPIPE";
