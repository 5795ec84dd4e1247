// What flashing costs in transfers and in time on the bus, on a virtual clock: the same on every machine, so it can be held.
import { flashUnit } from "@flashline/dfu-core";
import { createTranscript, recordTransport } from "@flashline/dfu-core/transcript";
import { attachInProcess, createVirtualUnit, VirtualClock } from "@flashline/virtual-stm32";
import { describe, expect, test } from "vitest";
import { holdsImage, IMAGE, PART, type PartState, prepare, STATES } from "../bench/subject.ts";

const BLOCKS = 192;
/** Connecting, addressing, sealing, the erases of seven sectors, one look at the option bytes. */
const BESIDES = 112;
/** dfu-util's own sequence takes 6060 ms on this clock, in every state of the part (docs/benchmarks.md). */
const DFU_UTIL_MS = 6060;

const MOST: Readonly<Record<PartState, { transfers: number; ofDfuUtil: number }>> = {
  used: { transfers: (3 + 1) * BLOCKS + BESIDES, ofDfuUtil: 0.96 },
  blank: { transfers: (1 + 3 + 1) * BLOCKS + BESIDES, ofDfuUtil: 0.44 },
  unchanged: { transfers: BLOCKS + 20, ofDfuUtil: 0.02 },
};

describe.each(STATES)("a %s part", (state) => {
  test("takes three transfers a written block, one a read one, and little else", async () => {
    const clock = new VirtualClock();
    const unit = createVirtualUnit({ part: PART, clock, timing: "typical" });
    prepare(unit.flash, state);
    const transcript = createTranscript();
    const plain = attachInProcess(unit, clock, { transferMs: 0.5 });
    const transport = recordTransport(plain, transcript, clock);
    const report = await flashUnit({ transport, clock, image: IMAGE, profile: "fast" });
    expect(report).toMatchObject({ outcome: "PASS", incidents: [] });
    expect(holdsImage(unit.flash)).toBe(true);
    const { requests, transfers, ms } = transcript.summary;
    expect(transfers).toBeLessThanOrEqual(MOST[state].transfers);
    expect(ms).toBeLessThanOrEqual(MOST[state].ofDfuUtil * DFU_UTIL_MS);
    // Nothing passes unread.
    expect(requests["UPLOAD"]).toBeGreaterThanOrEqual(BLOCKS);
  });
});
