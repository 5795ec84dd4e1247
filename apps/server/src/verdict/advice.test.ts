import { describeAdvice } from "@flashline/contract";
import { describe, expect, it } from "vitest";
import { type AdviceFacts, adviceFor } from "./advice.ts";
import { proportion } from "./proportion.ts";

const SUSPECT: AdviceFacts = {
  verdict: "SUSPECT",
  behindHub: "never",
  withHub: proportion(3, 140),
  withoutHub: proportion(13, 84),
  otherControllers: ["1b21:3042"],
  profile: "standard",
  gentle: proportion(3, 50),
};

const told = (facts: AdviceFacts): string[] => adviceFor(facts).map(describeAdvice);

describe("adviceFor", () => {
  it("names hub, other controller and gentler pacing with what was measured", () => {
    expect(told(SUSPECT)).toEqual([
      "Put a USB 2.0 hub in between (ST AN2606: the bootloader needs about 25 µs between transactions). Measured here: 2.1 % with, 15.5 % without, same controller.",
      "Use a port of the other controller (1b21:3042).",
      "Else start it with profile gentle: 6.0 % of 50 units with it.",
    ]);
  });

  it("has nothing to say about a good host", () => {
    expect(told({ ...SUSPECT, verdict: "OK" })).toEqual([]);
    expect(told({ ...SUSPECT, verdict: "NOT_ENOUGH_DATA" })).toEqual([]);
  });

  it("never advises what is there already, what does not exist, or what made it worse", () => {
    const behind = told({ ...SUSPECT, behindHub: "always", otherControllers: [] });
    expect(behind[0]).toContain("did not cure it");
    expect(behind.join()).not.toContain("other controller");
    expect(told({ ...SUSPECT, withHub: proportion(70, 140) }).join()).not.toContain("hub");
    expect(told({ ...SUSPECT, profile: "crawl" }).join()).not.toContain("profile gentle");
  });

  it("quotes no share of a handful", () => {
    const few = told({ ...SUSPECT, withHub: proportion(0, 4), gentle: proportion(0, 9) });
    expect(few[0]).not.toContain("Measured");
    expect(few[2]).toContain("not measured yet");
  });
});
