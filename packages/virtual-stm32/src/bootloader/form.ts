import { DfuRequest } from "@flashline/dfu-core/protocol";
import { isIn, type SetupPacket } from "../usb/setup.ts";
import type { Journal } from "./journal.ts";

/** Direction and wLength of the requests that have one form only (USB DFU 1.1, table 3.2). */
const FORMS: ReadonlyMap<number, { readonly dataIn: boolean; readonly length: number }> = new Map([
  [DfuRequest.GetStatus, { dataIn: true, length: 6 }],
  [DfuRequest.ClrStatus, { dataIn: false, length: 0 }],
  [DfuRequest.GetState, { dataIn: true, length: 1 }],
  [DfuRequest.Abort, { dataIn: false, length: 0 }],
]);

/** Notes a request that breaks the specification. ST's library does not check and answers; so does this one. */
export function checkForm(setup: SetupPacket, journal: Journal): void {
  const form = FORMS.get(setup.request);
  if (form === undefined) return;
  const what = `bRequest ${setup.request}`;
  if (isIn(setup) !== form.dataIn) {
    journal.reject("request.direction", `${what} as ${isIn(setup) ? "IN" : "OUT"}`);
  } else if (setup.length !== form.length) {
    journal.reject("request.length", `${what} of ${setup.length} bytes, ${form.length} expected`);
  }
}
