// An image that begins with something else than its vector table.
import { flashUnit } from "@flashline/dfu-core";
import { encodeHex, parseImage } from "@flashline/dfu-core/image";
import { expect, it } from "vitest";
import { bench, pattern } from "./bench.ts";

const BASE = 0x08000000;
const VECTORS = BASE + 128;

/** Data first, and an application with a vector table behind it: stack, and a reset handler in the image. */
function image() {
  const application = pattern(100);
  new DataView(application.buffer).setUint32(0, 0x20000100, true);
  new DataView(application.buffer).setUint32(4, VECTORS + 9, true);
  return parseImage(
    encodeHex({
      segments: [
        { address: BASE, data: new TextEncoder().encode("CONFIG") },
        { address: VECTORS, data: application },
      ],
    }),
  );
}

it("is started where its table is said to be", async () => {
  const { transport, clock, unit } = bench();
  const options = { image: image(), family: "F4", leave: true, leaveAddress: VECTORS } as const;
  expect(await flashUnit({ transport, clock, ...options })).toMatchObject({ outcome: "PASS" });
  expect(unit.mode).toBe("application");
});

it("is started at its table when nothing was said", async () => {
  const { transport, clock, unit } = bench();
  const options = { image: image(), family: "F4", leave: true } as const;
  expect(await flashUnit({ transport, clock, ...options })).toMatchObject({ outcome: "PASS" });
  expect(unit.mode).toBe("application");
});

it("is refused before the first erase where no memory is at that address", async () => {
  const { transport, clock, unit } = bench();
  const options = { image: image(), family: "F4", leave: true, leaveAddress: 0x20000000 } as const;
  const report = await flashUnit({ transport, clock, ...options });
  expect(report).toMatchObject({ outcome: "FAIL", code: "usage.range", touched: false });
  expect(unit.illegal).toEqual([]);
});
