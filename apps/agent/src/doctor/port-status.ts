import type { StationSetup } from "@flashline/contract";
import { isPortConnected } from "@flashline/usb-host";
import { type Finding, ok } from "./finding.ts";

/** For each nest: whether a unit that somebody takes out can be told from one whose link was lost. */
export function examinePortStatus(setup: StationSetup | undefined): Promise<Finding[]> {
  return Promise.all(
    (setup?.nests ?? []).map(async ({ name, portPath }) => {
      const connected = await isPortConnected(portPath);
      const what = `taken out ${name}`;
      if (connected === undefined) {
        const needs = "lsusb (Debian: usbutils) and a udev rule for its hub";
        const meanwhile = "A unit that is taken out counts as a lost link";
        return ok(what, `${meanwhile}: port ${portPath} cannot be asked. It needs ${needs}.`);
      }
      const now = connected ? "something is connected" : "nothing is connected";
      return ok(what, `The hub says what is on port ${portPath}: ${now}.`);
    }),
  );
}
