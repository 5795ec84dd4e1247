import type { IconName } from "../../shared/icons.tsx";

/** How a state is told: a word, an icon, a colour and a pattern, never a colour alone. */
export interface BadgeLook {
  readonly word: string;
  readonly icon: IconName;
  readonly tone: "pass" | "fail" | "solid-fail" | "warn" | "plain" | "action" | "stale";
}

const plain = (word: string, icon: IconName): BadgeLook => ({ word, icon, tone: "plain" });
const stale = (word: string, icon: IconName): BadgeLook => ({ word, icon, tone: "stale" });
const pass = (word: string): BadgeLook => ({ word, icon: "check", tone: "pass" });
const fail = (word: string): BadgeLook => ({ word, icon: "cross", tone: "fail" });

const LOOKS: Readonly<Record<string, BadgeLook>> = {
  PASS: pass("PASS"),
  FAIL: fail("FAIL"),

  OK: pass("OK"),
  NOT_ENOUGH_DATA: stale("TOO FEW DATA", "dots"),
  WATCH: { word: "WATCH", icon: "warning", tone: "warn" },
  SUSPECT: { word: "SUSPECT", icon: "warning", tone: "fail" },
  QUARANTINED: { word: "QUARANTINED", icon: "barred", tone: "solid-fail" },

  draft: plain("Draft", "dots"),
  canary: { word: "Canary", icon: "play", tone: "warn" },
  paused: { word: "Canary paused", icon: "barred", tone: "fail" },
  released: { word: "Released", icon: "check", tone: "action" },
  revoked: { word: "Revoked", icon: "barred", tone: "fail" },
  "check.pending": stale("Being checked", "clock"),
  "check.passed": pass("Check passed"),
  "check.refused": fail("Check refused"),

  open: { word: "Open", icon: "play", tone: "action" },
  closed: plain("Closed", "lock"),

  new: plain("New", "dots"),
  passed: pass("Passed"),
  failed: fail("Failed"),
  "in work": { word: "In work", icon: "clock", tone: "action" },
  unknown: stale("Not known", "question"),

  QUEUED: { word: "Queued", icon: "clock", tone: "plain" },
  OFFERED: { word: "Offered", icon: "clock", tone: "plain" },
  LEASED: { word: "Leased", icon: "clock", tone: "action" },
  RUNNING: { word: "Running", icon: "play", tone: "action" },
  PASSED: pass("Passed"),
  FAILED: fail("Failed"),
  CANCELLED: plain("Cancelled", "barred"),
  UNKNOWN: stale("Not known", "question"),
  SUPERSEDED: plain("Superseded", "barred"),

  empty: plain("Empty", "plug"),
  present: plain("Unit is in", "scan"),
  ready: { word: "Ready", icon: "play", tone: "action" },
  starting: { word: "Starting", icon: "clock", tone: "action" },
  busy: { word: "In work", icon: "clock", tone: "action" },
  pass: pass("PASS"),
  label: pass("PASS, label"),
  fail: fail("FAIL"),
  refused: { word: "Not OK to start", icon: "barred", tone: "fail" },
  off: stale("Off", "off"),
};

/** The look of any state word of the contract; one that this version does not know is shown as it came. */
export function lookOfState(state: string | null): BadgeLook {
  if (state === null) return { word: "Running", icon: "clock", tone: "action" };
  return LOOKS[state] ?? stale(state, "question");
}
