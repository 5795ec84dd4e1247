// Read protection is for the unit whose image was verified, and for no other one that takes its place.
import { writeOptions } from "@flashline/dfu-core";
import { partByName } from "@flashline/virtual-stm32";
import { expect, it } from "vitest";
import { bench, imageAt, pattern } from "./bench.ts";
import { counting } from "./bent.ts";

const DATA = pattern(4000, 4);

it.each(["1", "2"])("level %s", async (RDP) => {
  for (let nth = 1; ; nth += 1) {
    const { unit, clock, transport: plain } = bench({ part: partByName("f407"), before: DATA });
    let transfers = 0;
    const count = (at: number) => {
      transfers = at;
      if (transfers === nth) unit.replace({ serial: unit.serial });
    };
    const transport = counting(plain, count);
    await writeOptions({
      transport,
      clock,
      image: imageAt(DATA),
      set: { BOR_LEV: "1", RDP },
      confirmed: ["rdp2"],
    });
    if (transfers < nth) {
      expect(nth).toBeGreaterThan(60);
      break;
    }
    // The other one is blank.
    expect({ nth, protection: unit.protection }).toEqual({ nth, protection: 0 });
  }
});
