import { LinkError, LinkFault } from "@flashline/dfu-core/protocol";
import { expect, test } from "vitest";
import { linkErrorFrom, linkErrorFromUrb } from "./errors.ts";

test.each([
  [-32, LinkFault.Stall],
  [-110, LinkFault.Timeout],
  [-104, LinkFault.Timeout],
  [-19, LinkFault.Gone],
  [-108, LinkFault.Gone],
  [-71, LinkFault.Io],
  [-75, LinkFault.Io],
])("a URB with status %i", (status, fault) => {
  expect(linkErrorFromUrb(status, "control").fault).toBe(fault);
});

// Texts of nusb 0.2 as `usb` 3.1.0 passes them on, prefixes included.
test.each([
  ["controlTransferIn error: transfer was cancelled", LinkFault.Timeout],
  ["controlTransferOut error: endpoint stalled", LinkFault.Stall],
  ["controlTransferOut error: device disconnected", LinkFault.Gone],
  ["open error: device not found (errno 19)", LinkFault.Gone],
  ["open error: failed to open device: No such device (os error 19)", LinkFault.Gone],
  ["selectConfiguration error: configuration not found", LinkFault.Io],
  ["controlTransferIn error: hardware fault or protocol violation", LinkFault.Io],
  ["open error: permission denied (errno 13)", LinkFault.Io],
])("%s", (text, fault) => {
  const cause = new Error(text);
  expect(linkErrorFrom(cause, "opening 3-1")).toMatchObject({ fault, cause });
});

test("an error that is one already stays as it is", () => {
  const error = new LinkError(LinkFault.Gone, "gone");
  expect(linkErrorFrom(error, "again")).toBe(error);
});
