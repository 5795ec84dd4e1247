import { usage } from "../errors.ts";
import type { ApplicationSerial, ShownApplication } from "../unit/application-device.ts";

/**
 * What a unit shows after its application was started: `0483:5740` with no serial, `0483:5740,SN1`, `0483:5740,@0x0800fc00+16`
 * with the serial that its flash holds there. Undefined for `off`: nothing.
 * @throws SimError usage.argument
 */
export function parseApplication(text: string): ShownApplication | undefined {
  if (text === "off") return undefined;
  const [, vendor = "", product = "", serial] =
    /^([0-9a-f]{4}):([0-9a-f]{4})(?:,(.+))?$/i.exec(text) ?? [];
  if (vendor === "") {
    throw usage(`application "${text}": off, VID:PID, VID:PID,SERIAL or VID:PID,@ADDRESS+LENGTH`);
  }
  return {
    vendorId: Number.parseInt(vendor, 16),
    productId: Number.parseInt(product, 16),
    serial: serialFrom(serial),
  };
}

/** A string descriptor holds 126 characters (USB 2.0, section 9.6.7). */
const LONGEST_SERIAL = 126;

function serialFrom(text: string | undefined): ApplicationSerial {
  if (text === undefined) return { kind: "none" };
  if (!text.startsWith("@")) {
    if (text.length > LONGEST_SERIAL)
      throw usage(`a serial has at most ${LONGEST_SERIAL} characters`);
    return { kind: "text", text };
  }
  const [, address, length] = /^@(0x[0-9a-f]{1,8})\+(\d{1,3})$/i.exec(text) ?? [];
  const bytes = Number(length);
  if (address === undefined || bytes < 1 || bytes > LONGEST_SERIAL) {
    throw usage(`"${text}": expected @ADDRESS+LENGTH, like @0x0800fc00+16`);
  }
  return { kind: "flash", address: Number(address), length: bytes };
}
