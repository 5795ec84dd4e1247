// A unit that is taken away just before it is started, and another one in its place: PASS would speak of one that nobody looked at.
import { flashUnit } from "@flashline/dfu-core";
import { definePart } from "@flashline/virtual-stm32";
import { expect, it } from "vitest";
import { bench, imageAt, pattern } from "./bench.ts";
import { counting } from "./bent.ts";

const SIZE = 384;
const DATA = pattern(SIZE, 4);
const part = definePart({ family: "F4", sectors: [[6, 64]], transferSize: 32 });

/** What comes at the transfer that is so many before the last one: the same unit, which lost its power, or another one. */
async function leaving(what: "nothing" | "the same" | "another", nth: number) {
  const { unit, clock, transport: plain } = bench({ part, before: pattern(SIZE, 9) });
  let transfers = 0;
  let leavesBefore = 0;
  const count = (at: number) => {
    transfers = at;
    if (transfers !== nth) return;
    leavesBefore = unit.counters.leaves;
    if (what === "another") unit.replace({ serial: unit.serial });
    if (what === "the same") unit.powerCycle();
  };
  const transport = counting(plain, count);
  const image = imageAt(DATA);
  const report = await flashUnit({ transport, clock, image, family: "F4", leave: true });
  const holds = unit.flash.snapshot().every((byte, at) => byte === DATA[at]);
  return { report, transfers, holds, leaves: unit.counters.leaves - leavesBefore };
}

/** DNLOAD and two GETSTATUS of SET_ADDRESS, with what goes before it, then an empty DNLOAD and GETSTATUS. */
const LAST = 6;

it("another unit that comes before the command is neither passed nor started", async () => {
  const { transfers } = await leaving("nothing", 0);
  for (let nth = transfers - 12; nth <= transfers - 2; nth += 1) {
    const { report, holds, leaves } = await leaving("another", nth);
    expect({ nth, holds, leaves }).toEqual({ nth, holds: false, leaves: 0 });
    expect(report).toMatchObject({ outcome: "FAIL", code: "device.other" });
    if (nth > transfers - LAST) expect(report.phase).toBe("leave");
  }
});

it("the same one is read once more, and started", async () => {
  const { transfers } = await leaving("nothing", 0);
  for (let nth = transfers - 12; nth <= transfers - 2; nth += 1) {
    const { report, holds, leaves } = await leaving("the same", nth);
    expect({ nth, holds, leaves }).toEqual({ nth, holds: true, leaves: 1 });
    expect(report).toMatchObject({ outcome: "PASS", linkIncident: true });
  }
});
