import { CODES, type Code, describeCode, isKnownCode } from "@flashline/contract/codes";

const OTHER_WAY = "Try another cable or port, a USB 2.0 hub in between, or another PC.";
const ANOTHER_UNIT = "Try once more; if it stays like this, try another unit on this port.";
const START = "Check that the image is complete and made for this address.";
const FILE = "Check the file, and that it is for this unit.";
const BESIDE_FLASH =
  'Leave a range out with --skip FROM-TO, or take one with --only FROM-TO; move an image with "flashline image convert --rebase"; write option bytes with "flashline dfu options --set".';

/**
 * What to do at a desk. The table of codes is for an operator on a line with nests, labels, a red bin and a lead. A desk has none
 * of these. Empty where the code's meaning says enough.
 */
const BY_CODE: Partial<Readonly<Record<Code, string>>> = {
  "attempt.unplugged": "Leave the unit plugged in, and flash it again.",
  "link.lost": "Check the cable and the unit's power.",
  "link.enumeration": "Check the cable, the unit's power and its clock; try another port.",
  "protection.read":
    'To lift the protection, which erases the whole flash: "flashline dfu unprotect".',
  "protection.not_set": "Switch the unit off and on, and look with: flashline dfu info.",
  "options.unknown": "",
  "options.not_shown": "Use a debug probe.",
  "options.otp": "What is blank there still can be written.",
  "options.mismatch": 'To see all of them: "flashline dfu options".',
  "options.complement": 'To see them as they are: "flashline dfu options".',
  "options.power_cycle": "Switch the unit off and on, and look with: flashline dfu info.",
  "leave.not_seen": START,
  "leave.bootloader": START,
  "flash.write_protected": 'To see what protects it: "flashline dfu options".',
  "flash.verify_mismatch": "",
  "flash.unverified": "",
  "device.not_dfu":
    'Set the unit to bootloader mode: its boot pins, then reset. Where its application offers DFU: "flashline dfu detach".',
  "device.not_found": "Plug in the unit and set it to bootloader mode: its boot pins, then reset.",
  "device.several": "Name one of them.",
  "device.not_dfuse": "Flash it with --plain, and with --alt where it has several alternates.",
  "device.layout":
    'Unplug it, plug it in and try again; "flashline dfu info" shows what it says of itself.',
  "device.other": "Leave one unit on its port until the command has ended.",
  "device.wrong_chip": "Check --chip and the unit.",
  "options.value": "",
  "usage.argument": "",
  "usage.range": "",
  "usage.alternate": "Say which one with --alt NUMBER.",
  "image.gap": "Write HEX, S-record or DfuSe instead, or raise --limit.",
  "image.does_not_fit": BESIDE_FLASH,
  "image.read_only": BESIDE_FLASH,
  "image.wrong_device":
    "If it is right for this unit all the same: flashline image convert FILE OUTPUT --device VID:PID.",
  // The message says what the file is and what to do with it; see parse-file.ts.
  "image.not_firmware": "",
  "image.vectors":
    "Check the address that it is linked for. If it is right, say where the table is with --vector-table, or --vector-table none.",
  "image.patch_spec": "Check the --patch-spec file.",
  "image.patch_overlap": "Check the --patch-spec file.",
  "image.patch_outside": "Check the --patch-spec file against the image.",
  "image.patch_value": "Check the --patch values.",
  "plan.remainder":
    "--remainder preserve keeps what is there; --remainder discard lets it be erased.",
  "plan.bank_mode": 'Check --bank-mode; "flashline dfu options" shows the unit\'s.',
  "snapshot.store": "Check the disk and the folder of snapshots.",
  "attempt.cancelled": "",
  "attempt.interrupted": "Flash the unit again.",
  "internal.bug": "Please report it.",
  "server.unavailable": "Check --server, and that the server runs.",
  "request.rate_limited": "Wait a moment.",
};

/** The same, for all codes whose action on a line is one of these. */
const BY_ACTION: Readonly<Record<string, string>> = {
  [CODES["link.stall"].action]: OTHER_WAY,
  [CODES["flash.silent_drop"].action]: ANOTHER_UNIT,
  [CODES["image.format"].action]: FILE,
};

export const KEYGEN_HINT = 'A key without a password: "flashline release keygen".';

export function deskAction(code: string): string {
  const { action } = describeCode(code);
  const said = isKnownCode(code) ? BY_CODE[code] : undefined;
  return said ?? BY_ACTION[action] ?? action.replace(/ ?Call the lead\.$/, "");
}

const MEANINGS: Partial<Readonly<Record<Code, string>>> = {
  "options.mismatch": "The unit's option bytes are not as expected.",
  "device.wrong_chip": "The chip class that the unit shows is not the one that was named.",
  "plan.remainder":
    "A partly covered sector is not blank, and what is in it was not to be erased (--remainder refuse).",
  "plan.bank_mode": "The unit's flash bank mode is not the one that was named.",
  "flash.write_protected":
    "A sector is protected against writing, or it keeps its content through erase and write without an error.",
  "leave.not_seen":
    "The unit was told to start, and what was expected did not show on its port in time.",
  "leave.no_serial": "The application shows itself, and has no USB serial.",
  "leave.other_serial": "The application shows another USB serial than was expected.",
  "attempt.interrupted": "It was stopped after the first erase or write.",
  "attempt.cancelled": "It was stopped before anything was changed: the unit is as it was.",
};

/** What happened, in words that do not presume a release or a line. */
export function deskMeaning(code: string): string {
  return (isKnownCode(code) ? MEANINGS[code] : undefined) ?? describeCode(code).meaning;
}
