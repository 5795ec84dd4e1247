import { CALL, type ContractCodeEntry, operator, system, unit } from "./entry.ts";

/** What a station says to who stands before it. */
export const STATION_CODES = {
  "label.template_invalid": system(
    422,
    CALL,
    "The label's template is no ZPL that can be filled in safely.",
  ),
  "label.placeholder_unknown": system(
    422,
    CALL,
    "The label's template shows something that units of the product do not have.",
  ),
  "label.value_missing": operator(
    409,
    "Unit data missing. Call the lead.",
    "The label shows something that this unit, or its release, does not have.",
  ),
  "label.value_unprintable": system(
    409,
    CALL,
    "A value cannot be printed where the label's template shows it.",
  ),
  "agent.offline": system(503, "Server away. Wait.", "The agent cannot reach the server."),
  "agent.image_unavailable": system(
    503,
    "Try again. Call the lead.",
    "The image could not be fetched and is not in the cache.",
  ),
  "agent.journal": system(
    500,
    "Stop this station. Call the lead.",
    "The journal cannot be written; nothing is flashed without it.",
  ),
  "agent.not_enrolled": system(409, CALL, "The agent is not enrolled with a server."),
  "nest.none_free": operator(
    409,
    "No free nest. Wait.",
    "No nest with a waiting unit is free for this scan.",
  ),
  "nest.empty": operator(409, "Plug in the unit first.", "The nest has no unit on its port."),
  "nest.not_armed": operator(
    409,
    "Take the old unit out first.",
    "The nest's port was not empty since its last unit.",
  ),
  "nest.fail_unseen": operator(
    409,
    "See the FAIL first. Press OK.",
    "The nest shows a FAIL that nobody has acknowledged.",
  ),
  "nest.in_work": operator(
    409,
    "Nest has a unit. Finish it first.",
    "A nest is not renamed, moved or removed while it has a scanned unit or a FAIL that nobody has acknowledged.",
  ),
  "nest.held": operator(
    409,
    "Nest is off. Call the lead.",
    "A nest that somebody took out of use is not renamed, moved or removed until it is in use again.",
  ),
  "nest.name_taken": operator(
    409,
    "Name is taken. Choose another.",
    "The station has a nest of this name, or of one with the same barcode.",
  ),
  "nest.too_many": operator(409, "16 nests are the most.", "A station has at most 16 nests."),
  "nest.port_empty": operator(
    409,
    "Plug the unit in again.",
    "No unit in bootloader mode is on the port, or another nest has it.",
  ),
  "fixture.refused": system(
    409,
    "Fixture is not ready. Call the lead.",
    "The command that prepares the fixture ended with an exit code other than 0, or could not be run.",
  ),
  "fixture.timeout": system(
    408,
    "Fixture does not answer. Call the lead.",
    "The command that prepares the fixture did not end in time, and was killed.",
  ),
  "nest.label_open": operator(
    409,
    "Finish the label first.",
    "The nest's unit passed, and its label is not done.",
  ),
  "label.printer_away": system(
    503,
    "Check the printer. Press OK.",
    "The label printer cannot be reached, or did not take the label. Nothing was printed.",
  ),
  "label.printer_not_ready": system(
    503,
    "Printer: check paper and cover. Press OK.",
    "The label printer says that it has no paper or ribbon, is open, or is paused. Nothing was printed.",
  ),
  "label.other_code": operator(
    422,
    "Not this unit's label. Check both.",
    "Where a unit's label was to be scanned, another code was.",
  ),
  "label.none": operator(
    404,
    "No label of this unit here.",
    "This station printed no label for the unit, or too long ago.",
  ),
  "label.too_often": operator(
    409,
    "Printed too often. Call the lead.",
    "The label was printed as often as one unit's label is.",
  ),
  "scan.not_understood": operator(
    422,
    "Scan again.",
    "What was scanned is neither a serial, a nest nor a command.",
  ),
  "scan.other_label": operator(
    422,
    "Wrong label. Scan the unit's own label.",
    "What was scanned is no serial number of a product that this station works on.",
  ),
  "scan.ean": operator(
    422,
    "Shop barcode. Scan the unit's own label.",
    "What was scanned is an article number (EAN, UPC), which all units of an article share.",
  ),
  "scan.no_reason": operator(
    422,
    "That is no reason. Scan or type why.",
    "Where a reason was to be given, a unit's label or fewer than three characters came.",
  ),
  "scan.command_unknown": operator(
    422,
    "Unknown command. Scan this station's sheet.",
    "The barcode begins as commands do, and is none of them.",
  ),
  "scan.nest_unknown": operator(
    404,
    "No such nest. Scan this station's sheet.",
    "The barcode names a nest that this station does not have.",
  ),
  "scan.nest_first": operator(
    422,
    "Scan the nest first.",
    "At this station each unit's label needs the barcode of its nest before it.",
  ),
  "scan.one_kept": operator(
    409,
    "Plug in the scanned unit first.",
    "A scan waits for its unit; a second one could be put to the wrong unit.",
  ),
  "scan.several_units": operator(
    409,
    "Several units came. Scan each again.",
    "A scan waited for its unit, and several were plugged in at once: nobody knows which one it is.",
  ),
  "scan.repeated": operator(409, "Already scanned.", "The same serial is scanned in another nest."),
  "unit.silent": unit(
    408,
    "Check the cable. Scan again.",
    "The unit was not seen in bootloader mode in time.",
  ),
} as const satisfies Record<string, ContractCodeEntry>;
