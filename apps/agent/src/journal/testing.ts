import type { AttemptIntent, AttemptSummary } from "./entry.ts";

export const SUMMARY: AttemptSummary = {
  serial: "MC2-1",
  nest: "1",
  outcome: "PASS",
  durationMs: 1200,
};

/** An intent as tests need one: a virtual unit on one host. */
export const intentOf = (attemptId: string, serial = "MC2-1"): AttemptIntent => ({
  attemptId,
  jobId: "019f0000-0000-7000-8000-000000000009",
  epoch: 1,
  serial,
  nest: "1",
  host: {
    machine: "m",
    controller: {
      pciAddress: "0000:00:14.0",
      vendorDevice: "1022:15b8",
      driver: "d",
      kind: "xhci",
    },
    hubs: [],
    portPath: "1-1",
    speed: "full",
    os: "Linux",
  },
  virtual: true,
  usbSerial: "",
  profile: "standard",
  chip: "STM32F407",
  imageSha256: [],
  manifestSha256: "",
  keyId: "",
});
