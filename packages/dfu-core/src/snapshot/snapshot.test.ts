import fc from "fast-check";
import { expect, it } from "vitest";
import { suffixCrc } from "../image/suffix.ts";
import { decodeSnapshot, encodeSnapshot } from "./snapshot.ts";

const bytes = fc.uint8Array({ maxLength: 40 });
const address = fc.integer({ min: 0, max: 0xffff_ffff });
const snapshot = fc.record({
  identity: fc.string({ maxLength: 20, unit: "binary" }),
  seal: fc.record({ address, before: bytes, after: bytes }),
  touched: fc.array(address, { maxLength: 5 }),
  segments: fc.array(fc.record({ address, data: bytes }), { maxLength: 4 }),
});

it("a snapshot survives storage whole", () => {
  fc.assert(
    fc.property(snapshot, (made) => {
      expect(decodeSnapshot(encodeSnapshot(made))).toEqual(made);
    }),
  );
});

it("one with any byte changed, cut off or added is refused", () => {
  const refused = expect.objectContaining({ code: "snapshot.store" });
  fc.assert(
    fc.property(snapshot, fc.nat(), fc.integer({ min: 1, max: 255 }), (made, at, change) => {
      const whole = encodeSnapshot(made);
      const changed = whole.slice();
      changed[at % whole.length] = (changed[at % whole.length] ?? 0) ^ change;
      expect(() => decodeSnapshot(changed)).toThrow(refused);
      expect(() => decodeSnapshot(whole.subarray(0, at % whole.length))).toThrow(refused);
      expect(() => decodeSnapshot(Uint8Array.from([...whole, change]))).toThrow(refused);
    }),
  );
});

it("one without a seal is refused although its checksum is right", () => {
  const body = Uint8Array.of(0x46, 0x4c, 0x53, 0x31, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
  const whole = new Uint8Array(20);
  whole.set(body);
  new DataView(whole.buffer).setUint32(16, suffixCrc(body), true);
  expect(() => decodeSnapshot(whole)).toThrow(
    expect.objectContaining({ message: "the snapshot lacks its seal" }),
  );
});

it.each([
  ["characters", 4],
  ["touched sectors", 8],
  ["segments", 12],
  ["bytes of the seal", 16 + 2 + 4 + 4],
])("one with another number of %s is refused although its checksum is right", (_, offset) => {
  const seal = { address: 0x0800_0000, before: Uint8Array.of(1, 2), after: Uint8Array.of(3) };
  const whole = encodeSnapshot({ identity: "u", seal, touched: [0x0800_0000], segments: [] });
  const view = new DataView(whole.buffer);
  const right = view.getUint32(offset, true);
  for (const count of [0, right + 1, right + 2, 0xffff, 0x7fff_ffff, 0xffff_ffff]) {
    view.setUint32(offset, count, true);
    view.setUint32(whole.length - 4, suffixCrc(whole.subarray(0, -4)), true);
    expect(() => decodeSnapshot(whole)).toThrow(
      expect.objectContaining({ code: "snapshot.store" }),
    );
  }
});
