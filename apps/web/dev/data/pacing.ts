import { HostPacing, HostProfileEffect, HostRepairEffect, PlantGuard } from "@flashline/contract";

export const pacing = HostPacing.parse({
  profile: null,
  trials: [
    {
      id: "01a20000-0000-7000-8000-000000000101",
      plant: "Graz",
      virtual: false,
      controller: "1022:15b8",
      controllerName: "AMD 1022:15b8",
      hub: "",
      family: "F4",
      state: "running",
      begunAt: "2026-11-24T05:12:00Z",
      decidedAt: null,
      since: null,
      figures: {
        pairs: 31,
        e: 17.1,
        f: 0.06,
        extra: 9.2,
        cost: 48,
        pays: 0.84,
        standard: { units: 31, incidents: 9 },
        gentle: { units: 31, incidents: 1 },
      },
    },
  ],
});

export const profileEffect = (profile: string | null) =>
  HostProfileEffect.parse({
    host: "01a20000-0000-7000-8000-000000000007",
    name: "L3-07",
    before: null,
    extra: 9.2,
    after: profile === "none" ? null : profile,
  });

export const repairEffect = HostRepairEffect.parse({
  host: "01a20000-0000-7000-8000-000000000007",
  name: "L3-07",
  rung: "SUSPECT",
  before: { r: 2_400_000, d: 1 },
  after: { r: 500, d: 0 },
  healed: 20,
  quarantined: false,
});

export const guard = PlantGuard.parse({
  plant: "Graz",
  on: true,
  hosts: 7,
  held: 1,
  most: 2,
  spared: [
    {
      host: "01a20000-0000-7000-8000-000000000002",
      name: "L3-02",
      why: "last-of-line",
      at: "2026-11-24T05:12:00Z",
    },
  ],
});
