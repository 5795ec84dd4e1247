import type { LeasedJob } from "@flashline/contract";
import { expect, it } from "vitest";
import { labelNeed } from "./need.ts";

const JOB: LeasedJob = {
  jobId: "019f0000-0000-7000-8000-000000000009",
  nest: "1",
  serial: "MC2-1",
  epoch: 3,
  leaseMs: 60_000,
  dirty: false,
  product: "MC-2",
  boardRevision: null,
  virtualAllowed: true,
  workOrder: "WO-1",
  version: "2.8.1",
  manifest: "",
  signature: "",
  images: [],
  values: { mac: "123", serial: "of somebody else" },
  secrets: { key: "0451" },
};
const withLabel = (template: string, scanBack: string | null = null): LeasedJob => ({
  ...JOB,
  label: { template: `^XA^FD${template}^FS^XZ`, scanBack },
});
const place = { station: "L3-07", timeZone: "Pacific/Auckland" };
/** Eleven in the evening in Graz: in Auckland the next day has begun. */
const NIGHT = Date.UTC(2026, 10, 29, 22);

it("fills the label in with what the station knows, by the plant's day", () => {
  expect(labelNeed(JOB, place, NIGHT)).toBeUndefined();
  const job = withLabel("{serial} {product} {release} {order} [{revision}] {station} {date} {mac}");
  expect(labelNeed(job, place, NIGHT)).toEqual({
    zpl: "^XA^FDMC2-1 MC-2 2.8.1 WO-1 [] L3-07 2026-11-30 123^FS^XZ",
    code: null,
  });
  expect(labelNeed(withLabel("{serial}", "{serial}/{mac}"), place, NIGHT)?.code).toBe("MC2-1/123");
});

it("takes no secret, and refuses what it cannot fill in or does not understand", () => {
  const code = (label: string) => {
    try {
      return labelNeed(withLabel(label), place, NIGHT)?.zpl;
    } catch (error) {
      return error instanceof Error && "code" in error ? error.code : error;
    }
  };
  expect(code("{key}")).toBe("label.value_missing");
  expect(code("{serial:qr}")).toBe("label.template_invalid");
});
