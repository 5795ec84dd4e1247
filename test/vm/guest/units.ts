// In the guest: what usb-host sees. `list` prints the attached units as JSON; `watch MS` prints a line a change, for MS
// milliseconds, without looking by itself: only hotplug events can tell.
import { kernelUnits } from "@flashline/usb-host";

const [command = "list", ms = "0"] = process.argv.slice(2);
const source = kernelUnits({ rescanMs: 3_600_000 });
const print = (value: unknown) => process.stdout.write(`${JSON.stringify(value)}\n`);

if (command === "list") {
  print(await source.list());
} else {
  source.watch((units) => print(units.map(({ portPath }) => portPath)));
  await new Promise((resolve) => setTimeout(resolve, Number(ms)));
}
process.exit(0);
