import { LinkError, LinkFault } from "@flashline/dfu-core/protocol";

/**
 * Linux errno values (negative in a URB's status) and what they mean for a control transfer; Documentation/driver-api/usb/
 * error-codes.rst. USB/IP sends the same numbers whatever the server's system is.
 */
const URB_FAULTS: ReadonlyMap<number, LinkFault> = new Map([
  [-2, LinkFault.Timeout], // ENOENT: unlinked
  [-19, LinkFault.Gone], // ENODEV
  [-32, LinkFault.Stall], // EPIPE
  [-104, LinkFault.Timeout], // ECONNRESET: unlinked
  [-108, LinkFault.Gone], // ESHUTDOWN
  [-110, LinkFault.Timeout], // ETIMEDOUT
]);

/** A URB that ended with `status` (0 never comes here) as the engine's kind of error. */
export function linkErrorFromUrb(status: number, what: string): LinkError {
  const fault = URB_FAULTS.get(status) ?? LinkFault.Io;
  return new LinkError(fault, `${what}: ${fault} (URB status ${status})`);
}

/**
 * What `usb` 3.1 rejects with. Its errors carry nothing but the text of nusb, so they are told apart by words. An unknown text
 * is `io`: the fate of such a transfer is not known.
 */
const USB_TEXTS: readonly (readonly [RegExp, LinkFault])[] = [
  [/cancel|timed? ?out/i, LinkFault.Timeout],
  [/stall/i, LinkFault.Stall],
  [/disconnected|no such device|(device|entity) not found|os error (2|19)\b/i, LinkFault.Gone],
];

export function linkErrorFrom(error: unknown, what: string): LinkError {
  if (error instanceof LinkError) return error;
  const text = error instanceof Error ? error.message : String(error);
  const fault = USB_TEXTS.find(([pattern]) => pattern.test(text))?.[1] ?? LinkFault.Io;
  return new LinkError(fault, `${what}: ${text}`, { cause: error });
}

/** A broken or refused TCP connection to a USB/IP server. */
export function linkErrorFromSocket(error: unknown, what: string): LinkError {
  if (error instanceof LinkError) return error;
  const text = error instanceof Error ? error.message : String(error);
  return new LinkError(LinkFault.Io, `${what}: ${text}`, { cause: error });
}
