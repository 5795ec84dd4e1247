import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { hostname } from "node:os";

/**
 * A stable id of this machine that does not give away the machine-id itself (machine-id(5) asks to hash it with a key of
 * the application's own). Falls back to the host name where there is none. 16 hexadecimal digits.
 */
export function machineId(root = "/"): string {
  return createHash("sha256")
    .update(`flashline:${rawMachineId(root)}`)
    .digest("hex")
    .slice(0, 16);
}

function rawMachineId(root: string): string {
  for (const file of ["etc/machine-id", "var/lib/dbus/machine-id"]) {
    try {
      const text = readFileSync(`${root}/${file}`, "utf8").trim();
      if (text !== "" && text !== "uninitialized") return text;
    } catch {
      // The next place, or the host name.
    }
  }
  return hostname();
}
