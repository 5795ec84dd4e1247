import {
  describeAdvice,
  type HostAdvice,
  type HostSentence,
  HostsView,
  type HostView,
} from "@flashline/contract";
import { ago, id, share } from "./basics.ts";

const calm = (units: number) => ({ sentence: { key: "calm", units } satisfies HostSentence });
const odd = (incidents: number, units: number, expected: number, r: number) => ({
  r,
  sentence: {
    ...{ key: "odd", incidents, units, expected, r },
    since: ago(3 * 86_400),
  } satisfies HostSentence,
});
const advice = (...steps: HostAdvice[]) => ({ steps, advice: steps.map(describeAdvice) });

const host = (number: number, change: Partial<HostView>): HostView => ({
  id: id(5, number),
  name: `L3-0${number}`,
  station: `L3-0${number}`,
  machine: `line-pc-${number}`,
  controller: "8086:7ae0",
  controllerName: "Intel Alder Lake xHCI",
  driver: "xhci_hcd",
  hubs: ["05e3:0610"],
  virtual: true,
  verdict: "OK",
  rung: "OK",
  ...calm(1204),
  evidence: "",
  ...{ r: 44, d: 3100, repaired: false, flagged: false, blame: null },
  steps: [],
  advice: [],
  units: 1204,
  attempts: 1240,
  linkIncidents: share(14, 1204),
  expected: 0.013,
  failed: 0,
  passedElsewhere: 0,
  p95Ms: 11_400,
  since: ago(90_000),
  ...change,
});

export const hosts = HostsView.parse({
  asOf: ago(1),
  from: ago(14 * 86_400),
  hosts: [
    host(7, {
      controller: "1022:15b8",
      controllerName: "AMD Raphael xHCI",
      hubs: [],
      verdict: "SUSPECT",
      rung: "QUARANTINE",
      ...odd(13, 84, 1.9, 2_400_000),
      ...advice(
        {
          ...{ key: "hub", someHaveOne: false },
          measured: {
            with: share(3, 140),
            without: share(13, 84),
            saves: { value: 0.134, low: 0.061, high: 0.223 },
          },
        },
        { key: "other-controller", controller: "ASMedia 1b21:3042" },
        { key: "gentle", gentle: null, trial: "running", saves: 6 },
      ),
      units: 84,
      attempts: 97,
      linkIncidents: share(13, 84),
      expected: 0.016,
      failed: 4,
      passedElsewhere: 3,
      p95Ms: 19_800,
    }),
    host(2, {
      controller: "8086:a0ed",
      controllerName: "Intel Tiger Lake xHCI",
      hubs: [],
      verdict: "WATCH",
      rung: "WATCH",
      ...odd(6, 131, 2.1, 14_000),
      ...advice(
        { key: "hub", someHaveOne: false, measured: null },
        { key: "gentle", gentle: null },
      ),
      units: 131,
      linkIncidents: share(6, 131),
      expected: 0.016,
      p95Ms: 12_900,
    }),
    host(4, {}),
    host(5, {
      ...calm(980),
      units: 980,
      linkIncidents: share(11, 980),
      p95Ms: 11_300,
    }),
    host(9, {
      controller: "1b21:3042",
      controllerName: "ASMedia xHCI",
      hubs: [],
      verdict: "NOT_ENOUGH_DATA",
      sentence: { key: "few", units: 12 },
      units: 12,
      linkIncidents: share(0, 12),
      expected: null,
      p95Ms: 11_600,
    }),
  ],
  byController: [
    ["1022:15b8", false, "fast", 9, 41],
    ["1022:15b8", false, "standard", 13, 84],
    ["1022:15b8", false, "gentle", 3, 50],
    ["1022:15b8", false, "crawl", 0, 9],
    ["1022:15b8", true, "fast", 2, 66],
    ["1022:15b8", true, "standard", 3, 140],
    ["8086:7ae0", true, "fast", 5, 610],
    ["8086:7ae0", true, "standard", 20, 1574],
    ["8086:a0ed", false, "standard", 6, 131],
  ].map(([controller, behindHub, profile, count, n]) => ({
    controller,
    controllerName: "",
    behindHub,
    profile,
    linkIncidents: share(Number(count), Number(n)),
  })),
});
