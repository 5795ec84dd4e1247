import type { Clock, DfuTransport } from "@flashline/dfu-core/protocol";
import { DfuRequest, DfuState, FIRST_DATA_BLOCK } from "@flashline/dfu-core/protocol";
import type { Part } from "@flashline/virtual-stm32";

const TIMEOUT_MS = 35_000;

/**
 * The transfers that dfu-util 0.11 makes for one image at the start of the flash (`dfuse.c`): it erases every sector, then gives each
 * block an address of its own, and reads nothing back. Each operation is one DNLOAD and the GETSTATUS that start it and end it.
 * It makes some four more at the beginning and at the end.
 */
export async function sendAsDfuUtil(
  transport: DfuTransport,
  clock: Clock,
  { flash, usb }: Part,
  data: Uint8Array,
): Promise<void> {
  const send = async (block: number, payload: Uint8Array) => {
    await transport.controlOut(DfuRequest.Dnload, block, payload, TIMEOUT_MS);
    for (;;) {
      const status = await transport.controlIn(DfuRequest.GetStatus, 0, 6, TIMEOUT_MS);
      const [, low = 0, middle = 0, high = 0, state] = status;
      await clock.sleep(low | (middle << 8) | (high << 16));
      if (state !== DfuState.DnBusy) return;
    }
  };
  const command = (code: number, address: number) => {
    const bytes = new Uint8Array(5);
    const view = new DataView(bytes.buffer);
    view.setUint8(0, code);
    view.setUint32(1, address, true);
    return send(0, bytes);
  };
  const [, , , , state] = await transport.controlIn(DfuRequest.GetStatus, 0, 6, TIMEOUT_MS);
  if (state === DfuState.Error) {
    await transport.controlOut(DfuRequest.ClrStatus, 0, new Uint8Array(), TIMEOUT_MS);
  }
  const end = flash.base + data.length;
  let at = flash.base;
  for (const [count, size] of flash.sectors) {
    for (let index = 0; index < count; index += 1, at += size)
      if (at < end) await command(0x41, at);
  }
  for (let offset = 0; offset < data.length; offset += usb.transferSize) {
    await command(0x21, flash.base + offset);
    await send(FIRST_DATA_BLOCK, data.subarray(offset, offset + usb.transferSize));
  }
}
