import { describeAdvice } from "@flashline/contract";
import { describe, expect, it } from "vitest";
import { type AdviceFacts, adviceFor, type HubEffect } from "./advice.ts";
import { proportion } from "./proportion.ts";

const effect = (value: number, low: number, high: number): HubEffect => ({
  with: proportion(3, 140),
  without: proportion(13, 84),
  saves: { value, low, high },
});
const HELPED = effect(0.134, 0.05, 0.22);
const HURT = effect(-0.08, -0.15, -0.01);
const UNDECIDED = effect(0.02, -0.03, 0.07);

const SUSPECT: AdviceFacts = {
  verdict: "SUSPECT",
  behindHub: "never",
  hub: HELPED,
  otherControllers: ["1b21:3042"],
  profile: "standard",
  trial: null,
};

const told = (facts: AdviceFacts): string[] => adviceFor(facts).map(describeAdvice);
const keys = (facts: AdviceFacts): string[] => adviceFor(facts).map(({ key }) => key);

describe("adviceFor", () => {
  it("says first what worked here, with what was compared", () => {
    expect(told(SUSPECT)).toEqual([
      "Put a USB 2.0 hub in between (ST AN2606: the bootloader needs about 25 µs between transactions). It worked here: 13.4 points fewer with a hub on the same boards (95 %: 5.0 fewer to 22.0 fewer; 2.1 % of 140 units with, 15.5 % of 84 units without), same controller.",
      "Use a port of the other controller (1b21:3042).",
      "Else start it with profile gentle; whether that helps this controller is not measured yet.",
    ]);
    const won = { ...SUSPECT, hub: null, trial: { state: "gentle", saves: 14.2 } } as const;
    expect(told(won)[0]).toBe(
      "Leave it to profile gentle: it wins on this controller model by 14 s a unit.",
    );
    expect(keys(won)).toEqual(["gentle", "other-controller", "hub"]);
  });

  it("has nothing to say about a good host", () => {
    expect(told({ ...SUSPECT, verdict: "OK" })).toEqual([]);
    expect(told({ ...SUSPECT, verdict: "NOT_ENOUGH_DATA" })).toEqual([]);
  });

  it("says last what did not work, and that it did not", () => {
    const tried = { ...SUSPECT, hub: HURT, trial: { state: "standard", saves: -3 } } as const;
    expect(keys(tried)).toEqual(["other-controller", "hub", "gentle"]);
    expect(told(tried)[1]).toContain("made it worse here: 8.0 points more");
    expect(told(tried)[2]).toContain("not worth it");
  });

  it("suppresses nothing that is not decided", () => {
    const open = { ...SUSPECT, hub: UNDECIDED, trial: { state: "running", saves: 1 } } as const;
    expect(keys(open)).toEqual(["other-controller", "hub", "gentle"]);
    expect(told(open)[1]).toContain("Not decided here: 2.0 points fewer");
    expect(told(open)[1]).toContain("95 %: 3.0 more to 7.0 fewer");
  });

  it("never advises what is there already, or what does not exist", () => {
    const behind = told({ ...SUSPECT, behindHub: "always", otherControllers: [] });
    expect(behind[0]).toContain("did not cure it");
    expect(behind.join()).not.toContain("other controller");
    expect(told({ ...SUSPECT, profile: "crawl" }).join()).not.toContain("gentle");
  });
});
