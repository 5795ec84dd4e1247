import { Blame } from "@flashline/dfu-core/codes";
import { CALL, type ContractCodeEntry, host, operator, system, unit } from "./entry.ts";

/** Units, their orders, jobs and results. */
export const WORK_CODES = {
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
} as const satisfies Record<string, ContractCodeEntry>;
