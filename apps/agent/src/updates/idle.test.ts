import { expect, it } from "vitest";
import type { Nest } from "../nests/nest.ts";
import { workOf } from "./idle.ts";

const nests = (...states: Nest["state"][]) =>
  states.map((state, k) => ({ name: String(k + 1), state }) as Nest);

it("what a restart would cut off comes before what somebody has only begun with", () => {
  expect(workOf(nests("empty", "present", "fail", "refused", "off"), 0)).toEqual({ kind: "none" });
  expect(workOf(nests("ready", "busy"), 0)).toEqual({ kind: "some", nest: "2", must: true });
  expect(workOf(nests("label"), 0)).toEqual({ kind: "some", nest: "1", must: true });
  expect(workOf(nests("starting"), 0)).toEqual({ kind: "some", nest: "1", must: true });
  expect(workOf(nests("pass"), 0)).toEqual({ kind: "some", nest: "1", must: false });
  expect(workOf(nests("checking"), 0)).toEqual({ kind: "some", nest: "1", must: false });
  // A job that has left its nest, or an attempt that is still open.
  expect(workOf(nests("empty"), 1)).toEqual({ kind: "some", nest: null, must: true });
});
