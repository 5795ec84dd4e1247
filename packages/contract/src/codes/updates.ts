import { CALL, type ContractCodeEntry, operator, system } from "./entry.ts";

/** Updates of the agent. */
export const UPDATE_CODES = {
  "update.manifest_invalid": system(422, CALL, "The update's manifest is not valid."),
  "update.digest": system(
    422,
    CALL,
    "The update's archive does not have the digest that its manifest signs.",
  ),
  "update.archive_invalid": system(
    422,
    CALL,
    "The update's archive holds something other than plain files within its own folder, or more than was signed.",
  ),
  "update.platform": system(422, CALL, "The update is for another kind of PC."),
  "update.older": system(
    409,
    CALL,
    "The update is older than the version that runs, and nobody asked for that by name.",
  ),
  "update.rollback": system(
    409,
    CALL,
    "The update is older than the newest version that ever ran on the PC, and who signed it does not allow going back from that one.",
  ),
  "update.newest_unknown": system(
    409,
    CALL,
    "The PC cannot read any more which version was the newest that ran on it. Install the package there.",
  ),
  "update.launcher": system(
    409,
    CALL,
    "The update needs a newer launcher than the package that is installed brings.",
  ),
  "update.node": system(
    409,
    CALL,
    "The update needs another Node.js than the package that is installed brings.",
  ),
  "update.journal": system(
    409,
    CALL,
    "One of the two versions could not read the journal that the other one writes.",
  ),
  "update.disk": system(507, CALL, "The PC's disk has no room for the update."),
  "update.not_packaged": system(
    409,
    CALL,
    "The agent was not started by the package's launcher: nothing could go back to it.",
  ),
  "update.did_not_start": system(
    500,
    CALL,
    "The new version was not healthy in time, and the version before it runs again.",
  ),
  "update.version_used": system(
    409,
    CALL,
    "Another update of this version was published for this kind of PC.",
  ),
  "update.withdrawn": system(409, CALL, "The update was withdrawn."),
  "update.none_takes": system(409, CALL, "None of the stations would get the update."),
  "agent.updating": operator(
    503,
    "Updating. Wait.",
    "The agent is about to start as another version.",
  ),
} as const satisfies Record<string, ContractCodeEntry>;
