import type { StationSetup } from "@flashline/contract";
import { portPower } from "@flashline/usb-host";
import { type Finding, fail, ok } from "./finding.ts";

/** For each nest: whether a unit that hangs can lose its power, and nobody else; a port that was left without power keeps the PC from flashing. */
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
