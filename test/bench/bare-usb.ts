// The transfers of a recorded sequence, by nothing but the `usb` package: what it alone costs. That is why it is imported here,
// and nowhere else outside usb-host.
// node bare-usb <port path> <sequence.json>
import { readFileSync } from "node:fs";
import { DfuRequest, DfuState } from "@flashline/dfu-core/protocol";
import { pcClock } from "@flashline/usb-host";
import { usb } from "usb";

const CLASS_IN = 0xa1;
const TIMEOUT_MS = 35_000;

interface BareTransfer {
  readonly requestType: number;
  readonly request: number;
  readonly value: number;
  readonly length: number;
  /** Of an OUT, base64. */
  readonly data: string;
}

const [portPath, file = ""] = process.argv.slice(2);
const sequence: readonly BareTransfer[] = JSON.parse(readFileSync(file, "utf8"));
const payloads = sequence.map(({ data }) => Uint8Array.from(Buffer.from(data, "base64")));
const clock = pcClock();
const devices = await usb.getDevices();
const device = devices.find(
  ({ bus, ports }) => `${Number.parseInt(bus, 10)}-${ports.join(".")}` === portPath,
);
if (device === undefined) process.exit(1);
await device.open();
await device.claimInterface(0);
for (const [index, { requestType, request, value, length }] of sequence.entries()) {
  const setup = { requestType: "class", recipient: "interface", request, value, index: 0 } as const;
  if (requestType !== CLASS_IN) {
    await device.nativeControlTransferOut(setup, TIMEOUT_MS, payloads[index] ?? new Uint8Array(0));
    continue;
  }
  const reply = await device.nativeControlTransferIn(setup, TIMEOUT_MS, length);
  const [, low = 0, middle = 0, high = 0, state] = reply ?? [];
  if (request === DfuRequest.GetStatus && state === DfuState.DnBusy) {
    await clock.sleep(low | (middle << 8) | (high << 16));
  }
}
await device.releaseInterface(0);
await device.close();
