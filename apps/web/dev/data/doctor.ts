import { DoctorReport } from "@flashline/contract";
import { ago } from "./basics.ts";

/** What `flashline-agent doctor` finds on a line PC whose third nest hangs at a hub that does not switch its ports. */
export const report = DoctorReport.parse({
  at: ago(400),
  findings: [
    ["data folder", "ok", "/var/lib/flashline can be written, 41210 MB free."],
    ["enrollment", "ok", "Station L3-02, enrolled with https://flashline.plant.example."],
    ["server", "ok", "https://flashline.plant.example answers; agent 0.1.0, protocol 1."],
    [
      "clock",
      "warn",
      "This PC's clock is 94 s slow. Let it follow a time server: timedatectl set-ntp true.",
    ],
    ["work order", "ok", "WO-20418: MC-2 2.8.1."],
    ["keys", "ok", "Pinned: 7D3A1C90B2E4F655."],
    ["journal", "ok", "Sound; 0 results wait for the server, 0 attempts are open."],
    ["controller", "ok", "usb3: xhci_hcd 8086:a36d at 0000:00:14.0."],
    [
      "controller",
      "warn",
      '0000:00:14.0 (Intel 8086:a36d, xhci_hcd) makes flashing fail: SUSPECT. In 14 days this plant measured at this model: 31 of 412 units failed at first (7.5 %, 95 % interval 5.4 to 10.5 %); at its other models: 9 of 1208 units failed at first (0.7 %, 95 % interval 0.4 to 1.4 %). ST (AN2606 Rev 70, Table 36): the USB bootloader "fails on some machines using a high speed controller"; it needs nearly 25 µs between transactions, and ST advises a USB hub in between. ST names no model. What helps here stands on the dashboard\'s page Hosts.',
    ],
    ["hub", "ok", "3-1: 05e3:0608 USB2.0 Hub."],
    [
      "permission",
      "fail",
      '/dev/bus/usb/003/009 cannot be opened. Add a udev rule: SUBSYSTEM=="usb", ATTR{idVendor}=="0483", ATTR{idProduct}=="df11", MODE="0660", GROUP="plugdev"',
    ],
    ["power 3", "ok", "No power cycle: the hub at 3-1 does not switch its ports one by one."],
    ["nest 1", "ok", "Port 3-1.1, a unit waits."],
  ].map(([name, level, sentence]) => ({ name, level, sentence })),
});
