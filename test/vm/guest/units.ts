// In the guest: what usb-host sees. `list` prints the attached units as JSON. `watch PORT-PATH COUNT` prints whether a unit is at
// that port, at first and whenever this changes, and ends after COUNT lines: other ports may change meanwhile. It does not look by
// itself: only hotplug events can tell. `on PORT-PATH` prints what is on a port, `power PORT-PATH` says whether a port can be switched, `connected PORT-PATH` what its hub says of it.
import { isPortConnected, kernelUnits, portPower } from "@flashline/usb-host";

const [command = "list", path = "", count = "1"] = process.argv.slice(2);
const source = kernelUnits({ rescanMs: 3_600_000 });
const print = (value: unknown) => process.stdout.write(`${JSON.stringify(value)}\n`);

if (command === "list") {
  print(await source.list());
} else if (command === "power") {
  print(await portPower(path));
} else if (command === "on") {
  print((await source.deviceOn?.(path)) ?? "nothing");
} else if (command === "connected") {
  print((await isPortConnected(path)) ?? "cannot be asked");
} else {
  let left = Number(count);
  let shown: boolean | undefined;
  await new Promise<void>((resolve) => {
    source.watch((units) => {
      const isThere = units.some(({ portPath }) => portPath === path);
      if (isThere === shown) return;
      shown = isThere;
      print(isThere);
      left -= 1;
      if (left === 0) resolve();
    });
  });
}
process.exit(0);
