import { expect, test } from "vitest";
import { placeFromPath } from "./place.ts";

test("a simulator's record says where its unit pretends to sit", () => {
  const path =
    "/sys/devices/pci0000:00/0000:00:14.0/usb1/1-1?virtual=flashline&controller=1022:15b8&driver=xhci_hcd" +
    "&hub=05e3:0610,multi&hub=0451:8142,single,3&machine=line-3&os=Linux%206.1";
  expect(placeFromPath({ path, busid: "1-1", speed: 2, machine: "usbip-h" })).toEqual({
    machine: "line-3",
    controller: {
      pciAddress: "0000:00:14.0",
      vendorDevice: "1022:15b8",
      driver: "xhci_hcd",
      kind: "xhci",
    },
    hubs: [
      { vendorProduct: "05e3:0610", port: 0, tt: "multi", speed: "high" },
      { vendorProduct: "0451:8142", port: 3, tt: "single", speed: "high" },
    ],
    portPath: "1-1",
    speed: "full",
    os: "Linux 6.1",
  });
});

test("of another server's path the controller's address is known, and nothing is made up", () => {
  const path = "/sys/devices/pci0000:00/0000:00:1c.4/0000:05:00.0/usb3/3-2";
  expect(placeFromPath({ path, busid: "3-2", speed: 9, machine: "usbip-h" })).toMatchObject({
    machine: "usbip-h",
    controller: { pciAddress: "0000:05:00.0", vendorDevice: "", driver: "", kind: "other" },
    hubs: [],
    speed: "unknown",
  });
});
