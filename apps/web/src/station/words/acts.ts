import { isKnownCode } from "@flashline/contract";
import { ORDER_OF, type OrderKey } from "./orders.ts";

/** What hands do next, in one or two words that are read from three metres. */
export type Act =
  | "redBin"
  | "cable"
  | "otherNest"
  | "otherStation"
  | "call"
  | "scanAgain"
  | "scanLabel"
  | "takeOut"
  | "setAside"
  | "plugIn"
  | "plugAgain"
  | "onlyOne"
  | "acknowledge"
  | "wait"
  | "scan"
  | "start"
  | "badge"
  | "printer";

/** An order in one or two words, to be read from three metres. */
const ACT_OF: Readonly<Record<OrderKey, Act>> = {
  otherNest: "otherNest",
  cableOtherNest: "cable",
  redBin: "redBin",
  unitIsOpen: "takeOut",
  plugAgainCheck: "plugAgain",
  clearWriteProtection: "call",
  bootloaderMode: "plugAgain",
  wrongUnit: "takeOut",
  plugAgainScan: "plugAgain",
  plugIn: "plugIn",
  onlyOneUnit: "onlyOne",
  leavePluggedIn: "scanAgain",
  scanUnitAgain: "scanAgain",
  stopRelease: "call",
  mixedUp: "call",
  checkUnitData: "scanAgain",
  waitMoment: "wait",
  waitResultsSafe: "wait",
  scanBadgeAgain: "badge",
  otherBadge: "badge",
  badgeLost: "call",
  badgeBlocked: "call",
  badgeElsewhere: "call",
  badgeUnchecked: "wait",
  badgeThenStart: "badge",
  releaseDraft: "call",
  releaseRevoked: "call",
  releaseExpired: "call",
  unknownSerial: "scanLabel",
  scanLabelAgain: "scanLabel",
  alreadyPassed: "takeOut",
  orderComplete: "call",
  noWorkOrder: "call",
  wrongProduct: "takeOut",
  severalProducts: "call",
  otherOrder: "call",
  earlierStep: "call",
  boardRevision: "call",
  inWorkElsewhere: "takeOut",
  nestBusy: "wait",
  nestOff: "otherNest",
  hostClosed: "otherStation",
  stationPaused: "call",
  linePaused: "call",
  unitHeld: "setAside",
  batchHeld: "setAside",
  scrapped: "setAside",
  failedTooOften: "call",
  otherStation: "otherStation",
  unitDataMissing: "call",
  noNumbersLeft: "call",
  serverAway: "wait",
  noneLeft: "wait",
  timeOver: "wait",
  clockWrong: "call",
  tryAgain: "scanAgain",
  stopStation: "call",
  noFreeNest: "wait",
  plugInFirst: "plugIn",
  takeOldOut: "takeOut",
  seeFail: "acknowledge",
  fixtureRefused: "call",
  fixtureSilent: "call",
  nestInWork: "wait",
  nestHeld: "call",
  nameTaken: "call",
  tooManyNests: "call",
  portEmpty: "plugAgain",
  labelFirst: "scanLabel",
  checkPrinter: "printer",
  readyPrinter: "printer",
  notThisLabel: "scanLabel",
  noLabelHere: "scanLabel",
  printedTooOften: "call",
  otherGolden: "takeOut",
  goldenDue: "scan",
  scanAgain: "scanAgain",
  otherLabel: "scanLabel",
  articleNumber: "scanLabel",
  noReason: "scanAgain",
  unknownCommand: "scanLabel",
  unknownNest: "scanLabel",
  nestFirst: "scan",
  oneKept: "plugIn",
  severalCame: "scanAgain",
  alreadyScanned: "scanAgain",
  checkCable: "cable",
  mayNotDecide: "call",
  readAgain: "call",
  call: "call",
};

/** What hands do about a code. The lead knows more than a page that does not know the code. */
export const actOf = (code: string): Act => (isKnownCode(code) ? ACT_OF[ORDER_OF[code]] : "call");
