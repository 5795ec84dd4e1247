import { Blame, type CodeEntry, ENGINE_CODES } from "@flashline/dfu-core/codes";

/** A row of the code table, with what only the server needs. */
export interface ContractCodeEntry extends CodeEntry {
  /** HTTP status where a request is answered with this code. */
  readonly status?: number;
}

const entry =
  (blame: Blame) =>
  (status: number, action: string, meaning: string): ContractCodeEntry => ({
    blame,
    link: false,
    action,
    meaning,
    status,
  });
const operator = entry(Blame.Operator);
const image = entry(Blame.Image);
const unit = entry(Blame.Unit);
const host = entry(Blame.Host);
const system = entry(Blame.System);

const CALL = "Call the lead.";

/** The one table of codes: the engine's, and everything that server, agent and tools answer with. */
export const CODES = {
  ...ENGINE_CODES,

  "request.invalid": system(
    400,
    CALL,
    "The request does not have the form that this endpoint takes.",
  ),
  "request.not_found": system(404, CALL, "There is nothing under this address."),
  "request.too_large": system(413, CALL, "The request's body is larger than this endpoint takes."),
  "request.rate_limited": system(429, "Wait a moment.", "Too many requests in a short time."),
  "request.timeout": system(408, "Wait a moment.", "The request did not come in whole in time."),
  "request.garbled": system(400, "Wait a moment.", "The request did not come in as it was sent."),
  "request.conflict": system(409, CALL, "This exists already, with other content."),
  "protocol.unsupported": system(
    426,
    "Update the agent.",
    "The agent's protocol number is outside the range that this server takes.",
  ),
  "server.internal": system(500, CALL, "The server failed; the log has the request's id."),
  "server.unavailable": system(
    503,
    "Wait. Results are safe.",
    "The server or its database is not reachable.",
  ),
  "server.disk_full": system(
    507,
    "Wait. Results are safe.",
    "A disk of the server or of its database is full.",
  ),

  "auth.required": operator(
    401,
    "Log in.",
    "No valid session, token or station credential came with the request.",
  ),
  "auth.wrong": operator(401, "Check name and password.", "Name or password is wrong."),
  "auth.forbidden": operator(403, CALL, "This role or token may not do that."),
  "auth.revoked": system(401, CALL, "This credential was revoked."),
  "auth.no_pages": operator(
    403,
    "Work at a station.",
    "An operator works at stations by badge and has no pages.",
  ),
  "auth.provider": system(
    503,
    "Wait a moment, or ask an admin.",
    "The identity provider does not answer as it should; the server's log says why.",
  ),
  "auth.not_proved": operator(
    401,
    "Log in again.",
    "The identity provider did not prove who you are.",
  ),
  "auth.no_role": operator(
    403,
    "Ask an admin for a group.",
    "None of your groups at the identity provider has a role here.",
  ),
  "auth.name_taken": operator(
    409,
    "Ask an admin to link you.",
    "Somebody here has, or had, your name and does not log in by this identity.",
  ),
  "auth.disabled": operator(403, "Ask an admin.", "You may not log in any more."),
  "people.last_admin": operator(
    409,
    "Make another admin first.",
    "Without this person nobody could say any more who may do what.",
  ),
  "badge.unknown": operator(404, "Scan your badge again.", "Nobody has this badge."),
  "badge.lost": operator(403, "Badge was lost. Call the lead.", "This badge was reported as lost."),
  "badge.disabled": operator(
    403,
    "Badge is blocked. Call the lead.",
    "The person whose badge this is may not work any more.",
  ),
  "badge.other_plant": operator(
    403,
    "Badge of another plant. Call the lead.",
    "The person whose badge this is works in another plant.",
  ),
  "badge.unchecked": system(
    503,
    "Badge cannot be checked. Wait for the server.",
    "The server is away, and what the station knows of badges is too old to count.",
  ),
  "badge.taken": operator(409, "Take another badge.", "Somebody else has this badge."),
  "override.not_allowed": operator(
    403,
    "This badge may not decide that.",
    "Who decides about a unit that failed too often, or that is on hold, is a lead; about a batch it is an engineer.",
  ),
  "override.other_refusal": operator(
    409,
    "Something else is wrong. Read it again.",
    "The unit is refused for another reason by now, or not at all.",
  ),
  "operator.missing": operator(
    409,
    "Scan your badge. Then press START.",
    "No unit is started here while nobody is logged in at the station.",
  ),
  "operator.unknown": operator(
    403,
    "Scan your badge again.",
    "The person at the station is not known any more, or may not work in this plant.",
  ),
  "enrol.clone": operator(
    409,
    "Make the machine id new. Enroll again.",
    "Another station is enrolled with this PC's machine id and other network cards: one of the two is a copy of the other's disk.",
  ),
  "enrol.token": system(
    401,
    "Get a new enrollment token.",
    "The enrollment token is unknown, used or expired.",
  ),

  "release.agent_cannot": system(
    409,
    "Update the agent. Call the lead.",
    "The release asks for something that this station's agent cannot do, or not with units from where it has them.",
  ),
  "release.signature_missing": image(400, CALL, "The manifest came without a signature."),
  "release.signature_invalid": image(
    422,
    CALL,
    "The signature does not match the manifest's bytes.",
  ),
  "release.signature_legacy": image(
    422,
    CALL,
    "Legacy minisign signatures (Ed, not prehashed) are not accepted.",
  ),
  "release.key_unknown": image(
    422,
    CALL,
    "The manifest is signed by a key that is not trusted here.",
  ),
  "release.key_retired": image(
    422,
    "Sign it with a key that goes on.",
    "The manifest is signed by a key that takes no new releases any more.",
  ),
  "release.manifest_invalid": image(422, CALL, "The manifest is not valid."),
  "release.image_missing": image(422, CALL, "The manifest names an image that was not uploaded."),
  "release.image_digest": image(
    422,
    CALL,
    "The image's bytes do not have the digest that the manifest signs.",
  ),
  "upload.offset": image(
    409,
    "Go on where the upload stands.",
    "The part does not begin where the upload stands.",
  ),
  "upload.digest": image(
    422,
    "Upload the image again.",
    "The whole upload does not have the digest that was named; it was thrown away.",
  ),
  "upload.too_many": image(
    409,
    "Finish or drop other uploads, or wait.",
    "There are too many unfinished uploads.",
  ),
  "release.counter_used": image(
    409,
    CALL,
    "A release with this or a higher counter exists for the product.",
  ),
  "release.version_used": image(409, CALL, "Another release of the product has this version."),
  "release.unchecked": image(
    409,
    CALL,
    "The release was not checked yet, or its check refused it.",
  ),
  "release.not_released": image(
    409,
    "Release is a draft. Call the lead.",
    "The release is a draft.",
  ),
  "release.revoked": image(409, "Release revoked. Call the lead.", "The release was revoked."),
  "release.not_draft": image(
    409,
    "Revoke it instead.",
    "The release is no draft, or units have it all the same: it is not taken back.",
  ),
  "release.canary_paused": image(
    409,
    "Scan the unit again.",
    "The release is a canary that was paused or has no place left; units get what their order names.",
  ),
  "release.paused": image(
    409,
    "Resume it first, or revoke it.",
    "The release is a canary that was paused.",
  ),
  "release.canary_other": image(
    409,
    "End the other canary first.",
    "Another release of the product is a canary.",
  ),
  "release.no_predecessor": image(
    409,
    "Promote it without a canary.",
    "There is no released release before it that units could get instead.",
  ),
  "exception.invalid": image(422, CALL, "The exception is not valid."),
  "exception.other": image(
    409,
    CALL,
    "The exception is for another release, unit, station or plant.",
  ),
  "exception.not_now": image(409, CALL, "The exception does not hold yet, or not any more."),
  "exception.used_up": image(
    409,
    CALL,
    "As many units as the exception is for were flashed under it.",
  ),
  "exception.withdrawn": image(409, CALL, "The exception was withdrawn."),
  "exception.release_unknown": image(
    422,
    "Publish the release first.",
    "No release here has the manifest that the exception names.",
  ),
  "channel.empty": image(
    409,
    "Move a release into it first.",
    "No release is in the channel: none was moved into it, or it was revoked.",
  ),
  "channel.followed": system(
    409,
    "Give its orders a release first.",
    "Open work orders follow the channel.",
  ),
  "release.expired": image(
    409,
    "Release has expired. Call the lead.",
    "The release's manifest has expired.",
  ),
  "release.chip_unknown": image(422, CALL, "The manifest's chip is not in the part table."),
  "release.product_unknown": image(
    422,
    CALL,
    "The manifest names a product that does not exist here.",
  ),

  "release.counter_step": image(
    422,
    CALL,
    "The release's counter is so far above the last one that it looks like a typing mistake.",
  ),
  "product.retired": system(
    409,
    "Take the product back first.",
    "The product is retired: it takes no new work orders.",
  ),
  "product.pattern_unusable": system(
    422,
    CALL,
    "The product's serial pattern is no regular expression that can be matched in bounded time.",
  ),

  "preflight.unknown_serial": operator(
    404,
    "Unknown serial. Scan the right label.",
    "No unit of this product has this serial number.",
  ),
  "preflight.serial_malformed": operator(
    422,
    "Scan the unit's label again.",
    "What was scanned does not look like a serial number of this product.",
  ),
  "preflight.already_passed": operator(
    409,
    "Already passed. Take it out.",
    "The unit has passed this step.",
  ),
  "preflight.quota_reached": operator(
    409,
    "Order complete. Call the lead.",
    "The work order's quantity is reached.",
  ),
  "preflight.no_work_order": operator(
    409,
    "No work order here. Call the lead.",
    "No open work order is set for this nest's station.",
  ),
  "preflight.wrong_product": operator(
    409,
    "Wrong product. Check unit and work order.",
    "The unit belongs to another product than the work order.",
  ),
  "preflight.product_ambiguous": operator(
    409,
    "Number fits several products. Call the lead.",
    "The serial may be of several products that this station has work orders of.",
  ),
  "preflight.other_order": operator(
    409,
    "Belongs to another order. Call the lead.",
    "The unit's serial is in the list of another open work order.",
  ),
  "preflight.previous_step": operator(
    409,
    "Earlier step missing. Call the lead.",
    "The unit has not passed the step before this one.",
  ),
  "preflight.board_revision": operator(
    409,
    "Board revision not allowed. Call the lead.",
    "The release is not for the unit's board revision.",
  ),
  "preflight.busy": operator(409, "Unit is in work elsewhere.", "An open job exists for the unit."),
  "preflight.nest_busy": operator(409, "Nest is busy. Wait.", "An open job exists for the nest."),
  "preflight.nest_unknown": system(404, CALL, "The station has no such nest."),
  "preflight.nest_off": system(409, "Nest is off. Use another.", "The nest was taken out of use."),
  "preflight.host_quarantined": host(
    409,
    "This PC is closed. Use another.",
    "The host is quarantined.",
  ),
  "preflight.station_paused": system(
    409,
    "Station is paused. Call the lead.",
    "Somebody paused the station.",
  ),
  "preflight.line_paused": system(
    409,
    "Line is paused. Call the lead.",
    "Somebody paused the station's line.",
  ),
  "preflight.unit_held": unit(409, "On hold. Set it aside.", "Somebody put this unit on hold."),
  "preflight.batch_held": unit(
    409,
    "Batch on hold. Set it aside.",
    "Somebody put the unit's batch on hold.",
  ),
  "preflight.scrapped": unit(
    409,
    "Scrapped. Put it in the scrap box.",
    "Somebody scrapped this unit.",
  ),
  "preflight.retest_limit": operator(
    409,
    "Failed too often. Ask the lead.",
    "The unit has failed as often as its product allows; a lead may allow one more try.",
  ),
  "preflight.other_host": host(
    409,
    "Take it to another station.",
    "The unit failed here by the host's fault, and another station works on its order at another host.",
  ),
  "preflight.virtual_unit": system(409, CALL, "The product does not accept virtual units."),

  "order.unconfirmed": system(
    409,
    "Look at what it would change, and confirm.",
    "Stations would stop working on another work order; the request does not confirm that.",
  ),
  "order.closed": system(409, "Reopen the work order first.", "The work order is closed."),
  "order.quantity_used": system(
    409,
    "Name at least what is used.",
    "The quantity would be less than the units that are in work, passed or unknown.",
  ),
  "order.station_elsewhere": system(
    409,
    "Look at the station's orders again.",
    "The station does not have the work order that it should leave.",
  ),

  "units.bad_rows": system(
    422,
    "Mend the named rows, or leave them out.",
    "The list has rows that cannot be taken; nothing of it was.",
  ),
  "units.other_content": system(
    409,
    "Look at what differs.",
    "The list says something else of units that are known; nothing of it was taken.",
  ),
  "units.board_revision": system(
    422,
    "Name a revision that the product has.",
    "The product has no such board revision.",
  ),
  "units.order": system(
    422,
    "Name an open work order of this product.",
    "The row's work order does not exist, is closed, or is for another product.",
  ),

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
  "values.missing": operator(
    409,
    "Unit data missing. Call the lead.",
    "The release takes data of the unit that nobody has given, or that has run out.",
  ),
  "values.range_missing": system(
    409,
    CALL,
    "The release takes a number of a range that the product does not have.",
  ),
  "values.range_used_up": operator(
    409,
    "No numbers left. Call the lead.",
    "Every number of the product's range is taken.",
  ),
  "values.range_overlap": system(
    409,
    CALL,
    "The numbers of this range are in another one already.",
  ),
  "values.settled": system(
    409,
    CALL,
    "The unit is in work or has passed; its data is not changed any more.",
  ),
  "transcript.not_kept": system(
    404,
    CALL,
    "There is no transcript of this attempt: it passed, or the time for which it is kept is over.",
  ),
  "transcript.invalid": system(422, CALL, "What was sent is no transcript."),

  "job.not_found": system(404, CALL, "There is no such job for this station."),
  "job.state": system(409, CALL, "The job is in a state that does not allow this."),
  "job.epoch": system(
    409,
    "Scan the unit again.",
    "The lease was lost and the job has a newer epoch.",
  ),
  "job.attempt_other": system(
    409,
    "Scan the unit again.",
    "The job was started with another attempt.",
  ),
  "result.conflict": system(409, CALL, "This attempt already has a result with other content."),
  "result.attempt_unknown": system(404, CALL, "No job was started with this attempt."),
  "result.unreadable": {
    blame: Blame.System,
    link: false,
    action: CALL,
    meaning:
      "The station's result does not say what became of the unit in a form that the server reads.",
  },

  "agent.offline": system(503, "Server away. Wait.", "The agent cannot reach the server."),
  "grant.used_up": operator(
    409,
    "No units left without server. Wait.",
    "As many units as the station may flash without the server are flashed.",
  ),
  "grant.over": operator(
    409,
    "Time without server is over. Wait.",
    "The time is over in which the station may flash without the server.",
  ),
  "grant.clock": system(
    409,
    "This PC's clock is wrong. Call the lead.",
    "This PC's clock was set back, so nobody knows how old the grant is.",
  ),
  "grant.invalid": system(
    409,
    CALL,
    "The grant is not one that the station's own server signed for it.",
  ),
  "grant.off": operator(409, CALL, "The plant gives its stations no grants."),
  "grant.not_for_order": operator(409, CALL, "The station's order needs the server for each unit."),
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
  "config.invalid": system(
    500,
    "Fix the configuration.",
    "The configuration has problems; all are listed.",
  ),
  "backup.target": system(
    409,
    "Name another place.",
    "A back-up cannot be taken from here, or neither written nor restored to this place.",
  ),
  "backup.unusable": system(
    422,
    "Use another back-up.",
    "This is no whole back-up that this version can restore.",
  ),
} as const satisfies Record<string, ContractCodeEntry>;

/** Every code that this version knows: the engine's and those of server and agent. */
export type Code = keyof typeof CODES;

/** Codes come from outside: an inherited property such as "toString" must not count as a code. */
export function isKnownCode(code: string): code is Code {
  return Object.hasOwn(CODES, code);
}

/** The entry of a code; of one that this version does not know, what is safe to say about it. */
export function describeCode(code: string): ContractCodeEntry & { readonly known: boolean } {
  if (isKnownCode(code)) return { ...CODES[code], known: true };
  return {
    blame: Blame.System,
    link: code.startsWith("link."),
    action: CALL,
    meaning: `A code that this version does not know: ${code}.`,
    known: false,
  };
}
