import { expect, test } from "vitest";
import { describeAlarm } from "./alarm-rules.ts";
import { called } from "./called.ts";

test("what a thing is stands before its name, unless the name says it", () => {
  expect(called("line", "L3")).toBe("line L3");
  expect(called("line", "Line 3")).toBe("Line 3");
  expect(called("Line", "line-3")).toBe("line-3");
  expect(called("Plant", "PLANT")).toBe("PLANT");
  expect(called("Line", "Linz")).toBe("Line Linz");
  expect(called("station", "Station_07")).toBe("Station_07");
  expect(called("Host", "hostage 1")).toBe("Host hostage 1");
});

test("an alarm does not say twice that a host is one", () => {
  const evidence = "It loses.";
  expect(describeAlarm("host.suspect", "L3-07", { evidence })).toBe(
    "Host L3-07 is SUSPECT. It loses.",
  );
  expect(describeAlarm("host.suspect", "Host 7", { evidence })).toBe(
    "Host 7 is SUSPECT. It loses.",
  );
});
