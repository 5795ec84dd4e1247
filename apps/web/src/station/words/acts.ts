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
  | "start";
