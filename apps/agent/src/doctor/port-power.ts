import type { StationSetup } from "@flashline/contract";
import { portPower } from "@flashline/usb-host";
import { type Finding, fail, ok } from "./finding.ts";

/**
 * For each nest: whether the power of a unit that hangs can be switched without touching any other. A port that was left off is
 * a problem of the PC.
 */
export function examinePortPower(setup: StationSetup | undefined): Promise<Finding[]> {
  return Promise.all(
    (setup?.nests ?? []).map(async ({ name, portPath }) => {
      const { switchable, reason, off } = await portPower(portPath);
      const what = `power ${name}`;
      if (off) {
        return fail(what, `Port ${portPath} is switched off. Write 0 to its "disable" in sysfs.`);
      }
      return ok(what, switchable ? `Port ${portPath}: ${reason}.` : `No power cycle: ${reason}.`);
    }),
  );
}
