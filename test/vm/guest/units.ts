// In the guest: what usb-host sees. `list` prints the attached units as JSON; `watch COUNT` prints a line a change and ends
// after COUNT of them. It does not look by itself: only hotplug events can tell. `power PORT-PATH` says whether a port can be switched.
import { kernelUnits, portPower } from "@flashline/usb-host";

const [command = "list", count = "1"] = process.argv.slice(2);
const source = kernelUnits({ rescanMs: 3_600_000 });
const print = (value: unknown) => process.stdout.write(`${JSON.stringify(value)}\n`);

if (command === "list") {
  print(await source.list());
} else if (command === "power") {
  print(await portPower(count));
} else {
  let left = Number(count);
  await new Promise<void>((resolve) => {
    source.watch((units) => {
      print(units.map(({ portPath }) => portPath));
      left -= 1;
      if (left === 0) resolve();
    });
  });
}
process.exit(0);
