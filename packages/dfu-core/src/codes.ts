/** Who has to act on a failure. */
export const Blame = {
  Host: "host",
  Unit: "unit",
  Image: "image",
  Operator: "operator",
  System: "system",
} as const;
export type Blame = (typeof Blame)[keyof typeof Blame];

/** A row of the code table. Codes are stable; their words may change. */
export interface CodeEntry {
  readonly blame: Blame;
  /** True when an event with this code makes the attempt a link incident, whatever its outcome. */
  readonly link: boolean;
  /** For the operator: what to do now, in at most eight words. */
  readonly action: string;
  /** For the engineer: what happened, one sentence. */
  readonly meaning: string;
}

const host = (action: string, meaning: string): CodeEntry => ({
  blame: Blame.Host,
  link: true,
  action,
  meaning,
});
const of =
  (blame: Blame) =>
  (action: string, meaning: string): CodeEntry => ({ blame, link: false, action, meaning });
const unit = of(Blame.Unit);
const image = of(Blame.Image);
const operator = of(Blame.Operator);
const system = of(Blame.System);

const OTHER_PORT = "Try another nest. Call the lead.";
const RED_BIN = "Put in the red bin. Call the lead.";
const CALL_LEAD = "Stop this release. Call the lead.";

/**
 * Every code the engine can end with or report as an event. The contract's table contains this one; codes are never
 * reused for another meaning, because results with them are kept for years.
 */
export const ENGINE_CODES = {
  "link.stall": host(OTHER_PORT, "The unit refused a transfer that it should have taken (STALL)."),
  "link.timeout": host(OTHER_PORT, "A transfer was not answered in time; its fate is unknown."),
  "link.io": host(OTHER_PORT, "The host's USB stack reported an error in a transfer."),
  "link.lost": host(
    "Check the cable. Try another nest.",
    "The unit left its port and did not come back in time.",
  ),
  "link.busy_wedge": host(
    OTHER_PORT,
    "The unit stayed in dfuDNBUSY beyond the operation's budget.",
  ),
  "link.slow_busy": host(
    OTHER_PORT,
    "The unit was in dfuDNBUSY much longer than it announced, and then completed.",
  ),
  "link.false_status": host(
    OTHER_PORT,
    "The unit reported errVENDOR or errTARGET, and did the same thing after a resync.",
  ),
  "link.desync": host(OTHER_PORT, "The unit's state did not follow from the last request."),
  "link.data_lost": host(
    OTHER_PORT,
    "A block did not arrive as sent; rewriting its sector cured it.",
  ),
  "link.resync": host(OTHER_PORT, "The link was brought back with CLRSTATUS or ABORT."),
  "link.bus_reset": host(OTHER_PORT, "The link was brought back with a bus reset."),
  "link.reenumerated": host(OTHER_PORT, "The unit left its port and came back."),
  "link.power_cycled": host(
    OTHER_PORT,
    "The link was brought back by switching the port's power off and on.",
  ),
  "link.enumeration": host(
    "Check the cable. Try another nest.",
    "The unit comes and goes by itself or cannot say what it is: cable, power or clock.",
  ),
  "link.escalated": host(
    OTHER_PORT,
    "The pacing profile was made one step gentler after a link failure.",
  ),
  "link.budget": host(OTHER_PORT, "The link failed more often than the recovery budget allows."),
  "protection.read": unit(
    RED_BIN,
    "The unit is read protected; two independent pieces of evidence agree.",
  ),
  "protection.not_proven": host(
    OTHER_PORT,
    "The unit refuses to be read, but read protection is not proven: the host may be the cause.",
  ),
  "protection.none": operator(
    "Nothing to do. The unit is open.",
    "Read protection was to be lifted, but the unit can be read.",
  ),
  "protection.not_set": unit(
    RED_BIN,
    "Read protection was written, and the unit can still be read.",
  ),
  "protection.not_lifted": unit(
    RED_BIN,
    "After read protection was lifted the flash is not blank.",
  ),
  "options.unknown": operator(
    "Name the chip. Call the lead.",
    "Flashline does not know the unit's option bytes by name, or not well enough to write them.",
  ),
  "options.not_shown": operator(
    "Call the lead.",
    "The unit's ROM does not show its option bytes: over USB they cannot be read or written.",
  ),
  "options.value": operator(
    "Check the command.",
    "An option's name or value is not one that this unit has.",
  ),
  "options.mismatch": unit(
    RED_BIN,
    "The unit's option bytes are not those that the release expects.",
  ),
  "options.complement": unit(RED_BIN, "Option bytes and their stored complement do not match."),
  "options.not_kept": unit(RED_BIN, "Option bytes read back other than they were written."),
  "options.otp": unit(
    RED_BIN,
    "One-time memory holds other data already, which cannot be changed.",
  ),
  "options.power_cycle": operator(
    "Unplug the unit. Plug it in. Check again.",
    "Read protection is written, and takes effect only after the power was off.",
  ),
  "leave.not_seen": unit(
    RED_BIN,
    "The unit was started, and what was expected did not show on its port in time.",
  ),
  "leave.bootloader": unit(
    RED_BIN,
    "The unit was started, and its bootloader is on the port still, or again: nothing runs.",
  ),
  "leave.no_serial": image(
    CALL_LEAD,
    "The application shows itself and has no USB serial, although the release says that it shows one.",
  ),
  "leave.other_serial": operator(
    "Units mixed up. Call the lead.",
    "The application shows another serial than the unit that was scanned has: two units were swapped, or a label is wrong.",
  ),
  "flash.write_protected": unit(
    "Call the lead: clear the write protection.",
    "Option bytes protect a sector against writing, or it keeps its content through erase and write without an error.",
  ),
  "flash.silent_drop": unit(RED_BIN, "The unit acknowledges writes and does not store them."),
  "flash.verify_mismatch": unit(RED_BIN, "The content read back is not what the unit is to hold."),
  "flash.erase_failed": unit(RED_BIN, "The unit reported that an erase failed."),
  "flash.write_failed": unit(RED_BIN, "The unit reported that a write failed."),
  "flash.dirty": unit(
    RED_BIN,
    "Reading one address makes the unit drop off, again and again: half-written flash.",
  ),
  "flash.address_refused": unit(
    RED_BIN,
    "The unit refused an address inside its own memory layout.",
  ),
  "device.not_dfu": operator(
    "Set the unit to bootloader mode.",
    "The device on this port has no DFU interface.",
  ),
  "device.not_dfuse": operator(
    "Wrong unit. Check the label.",
    "The device speaks plain DFU 1.1 and not DfuSe: it describes no memory.",
  ),
  "device.layout": unit(
    "Unplug the unit. Plug it in. Scan again.",
    "The string by which the unit describes its memory is missing, cut or cannot be understood.",
  ),
  "device.protocol": unit(
    RED_BIN,
    "The unit answered with something the DFU protocol does not allow.",
  ),
  "device.not_found": operator("Plug in the unit.", "No unit in bootloader mode was found."),
  "device.several": operator(
    "Leave one unit plugged in.",
    "Several units are attached and none was named.",
  ),
  "device.other": operator(
    "Scan the unit again.",
    "Another device answers on the port than the one that was being flashed.",
  ),
  "device.wrong_chip": operator(
    "Wrong unit. Check the label.",
    "The chip class that the unit shows is not the one the release is for.",
  ),
  "image.format": image(CALL_LEAD, "The file is not a valid image of the format that it claims."),
  "image.not_firmware": image(
    CALL_LEAD,
    "The file is of another kind, or its content is no firmware format that is known.",
  ),
  "image.vectors": image(
    CALL_LEAD,
    "The vector table does not fit the address that the image goes to.",
  ),
  "image.truncated": image(CALL_LEAD, "The file ends before the content that it announces."),
  "image.crc": image(CALL_LEAD, "The file's checksum does not match its content."),
  "image.empty": image(CALL_LEAD, "The image has no data."),
  "image.overlap": image(
    CALL_LEAD,
    "Two parts of the image cover the same address with different data.",
  ),
  "image.gap": image(
    "Write HEX, S-record or DfuSe instead.",
    "A raw file of the image would be nearly all gap.",
  ),
  "image.patch_spec": image(CALL_LEAD, "The description of the per-unit data is not valid."),
  "image.patch_overlap": image(CALL_LEAD, "Two fields of the per-unit data share an address."),
  "image.patch_outside": image(CALL_LEAD, "Per-unit data goes where the image has no content."),
  "image.patch_value": operator(
    "Check the unit's data. Scan again.",
    "A per-unit value is missing, not known, or does not fit its field.",
  ),
  "image.wrong_device": image(CALL_LEAD, "The file is made for another USB device."),
  "image.does_not_fit": image(CALL_LEAD, "The image does not fit into the unit's writable memory."),
  "image.read_only": image(CALL_LEAD, "The image covers memory that cannot be erased or written."),
  "plan.remainder": image(
    CALL_LEAD,
    "A partly covered sector is not blank, and the recipe says refuse.",
  ),
  "plan.bank_mode": unit(
    RED_BIN,
    "The unit's flash bank mode is not the one the release was made for.",
  ),
  "usage.argument": operator("Check the command.", "An argument is missing or not valid."),
  "usage.range": operator(
    "Check the command.",
    "The range is not all memory of the unit that this can be done to.",
  ),
  "usage.alternate": operator(
    "Name the memory by its alternate.",
    "Several memories of the unit have this address, and it was not said which is meant.",
  ),
  "usage.confirm": operator(
    "Confirm by name.",
    "A destructive action was not confirmed by its name.",
  ),
  "snapshot.store": system(
    "Call the lead.",
    "The storage for what units held before the first erase failed.",
  ),
  "flash.unverified": system(
    "Call the lead.",
    "The device took the whole image and cannot be read back: nothing proves its content.",
  ),
  "attempt.cancelled": operator(
    "Scan the unit again.",
    "The attempt was cancelled before the first erase.",
  ),
  "attempt.unplugged": operator(
    "Plug it in and leave it. Scan again.",
    "The unit left its port, and the hub shows that nothing is connected: it was taken out, or has no power.",
  ),
  "attempt.interrupted": system(
    "Scan the unit again.",
    "The attempt was cut off after the first erase; the unit must be flashed again.",
  ),
  "internal.bug": system(
    "Call the lead.",
    "Flashline did something that it should not; please report it.",
  ),
} as const satisfies Record<string, CodeEntry>;

/** Every code with which a report of this package can fail. */
export type EngineCode = keyof typeof ENGINE_CODES;
