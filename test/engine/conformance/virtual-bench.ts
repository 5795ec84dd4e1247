import type { DfuTransport } from "@flashline/dfu-core/protocol";
import { createVirtualUnit, definePart, nth, scaledClock } from "@flashline/virtual-stm32";
import { type Bench, UNIT } from "./bench.ts";

/** The unit that the checks expect. */
export function conformanceUnit() {
  const part = definePart({
    family: "F4",
    sectors: [[8, 1024]],
    transferSize: UNIT.transferSize,
    alternates: [UNIT.layout, UNIT.options],
    usb: { serial: UNIT.serial },
  });
  return createVirtualUnit({ part, clock: scaledClock(1), timing: "none" });
}

export type ConformanceUnit = ReturnType<typeof conformanceUnit>;

/** A bench on a unit in this process, opened over whatever `open` uses. */
export function benchOf(unit: ConformanceUnit, open: () => Promise<DfuTransport>): Bench {
  const done = Promise.resolve();
  return {
    open,
    readFlash(address, length) {
      const { sectors, base } = unit.part.flash;
      const size = sectors.reduce((sum, [count, bytes]) => sum + count * bytes, 0);
      const offset = address - base;
      if (offset < 0 || offset + length > size) throw new RangeError(`outside flash: ${address}`);
      return Promise.resolve(unit.flash.snapshot().slice(offset, offset + length));
    },
    alternate: () => Promise.resolve(unit.alternate),
    loseNext() {
      unit.addFault({ kind: "lost-setup", trigger: nth(1) });
      return done;
    },
    unplug() {
      unit.unplug();
      return done;
    },
    plugAnother(serial) {
      unit.replace({ serial });
      return done;
    },
  };
}
