import { CODES } from "@flashline/contract";
import type { StationMessages } from "./notices.ts";

const MESSAGES: StationMessages = {
  action: (code) => CODES[code].action,
  unknownCode: "Call the lead.",
  notices: {
    assigned: ({ serial, nest }) => `${serial} is in nest ${nest}.`,
    selected: ({ nest }) => `Next scan goes to nest ${nest}.`,
    cancelled: () => "Cancelled.",
    "lead-called": () => "The lead is called.",
    "nothing-to-start": () => "Nothing to start. Scan a unit first.",
    "result-refused": () => "A result was refused. Call the lead.",
  },
};

/** What the page says. The other languages have the type of this one, so that a missing word does not compile. */
export const EN = {
  ...MESSAGES,
  language: "English",
  pageTitle: (station: string) => `Station ${station}`,
  station: "Station",
  workOrder: "Work order",
  noWorkOrder: "No work order here. Call the lead.",
  release: "Release",
  signed: "signed",
  passToday: "Pass today",
  failToday: "Fail",
  waitingHere: "Waiting here",
  server: "Server",
  serverAway: "Server away",
  serverAwayLong: (results: number) =>
    results === 0
      ? "Server away. Units in work are finished. New starts wait."
      : `Server away. ${results === 1 ? "1 result is" : `${results} results are`} safe here. New starts wait.`,
  setAside: (results: number) =>
    `Server refused ${results === 1 ? "1 result" : `${results} results`}, kept here. Call the lead.`,
  virtual: "VIRTUAL",
  virtualLong: "Virtual units only. Nothing real is flashed.",
  scanUnit: "Scan a unit",
  scanFor: (nest: string) => `Scan the unit in nest ${nest}`,
  plugFirst: "Plug in a unit",
  start: "START",
  startKeys: "Space, Enter or the START barcode",
  startNests: (nests: string, many: number) => `${many === 1 ? "Nest" : "Nests"} ${nests}`,
  nest: "NEST",
  nextScan: "NEXT SCAN",
  lastUnits: "Last units",
  noUnits: "No units yet today. Plug one in and scan it.",
  callLead: "CALL LEAD",
  leadCalled: "Lead is called",
  leadNotCalled: "Not sent. Shout for the lead.",
  ok: "OK",
  soundOn: "Sound on",
  soundOff: "Sound off",
  keyScan: "unit",
  keyStart: "start",
  keyAcknowledge: "seen",
  pass: "PASS",
  fail: "FAIL",
  notOk: "NOT OK\nTO START",
  off: "Off",
  offLong: "Use another nest",
  empty: "Plug in\na unit",
  present: "Scan\nthe unit",
  presentWaits: "Unit is in. Scan it later.",
  ready: "Ready\npress START",
  starting: "Starting",
  takeOut: "Take it out",
  secondsLeft: (seconds: number) => `${seconds} s left`,
  inSeconds: (seconds: string) => `in ${seconds}`,
  phases: {
    connect: "Connecting",
    compare: "Comparing",
    erase: "Erasing",
    write: "Writing",
    verify: "Checking",
    seal: "Finishing",
    leave: "Restarting",
  },
  working: "Working",
  lostTitle: "No connection",
  lostLong: "This page does not know what the nests do.",
  lostDo: "Leave the units in. Call the lead.",
  loading: "Connecting to this PC …",
  notSent: "Not heard. Scan again.",
};

export type Words = typeof EN;
