import { renameSync, rmSync, writeFileSync } from "node:fs";
import type { Clock, DfuTransport } from "@flashline/dfu-core/protocol";
import {
  createTranscript,
  encodePcapng,
  recordTransport,
  type Transcript,
} from "@flashline/dfu-core/transcript";
import type { AttachedUnit } from "@flashline/usb-host";
import type { Terminal } from "../terminal/terminal.ts";
import { hex16, plural } from "../terminal/units.ts";
import { VERSION } from "../version.ts";

/** What a person asked to see of the link, as a file. */
export interface Capture {
  of(transport: DfuTransport): DfuTransport;
  /** Writes the file and says so on the error output, where no program that reads events is in the way. */
  save(terminal: Terminal): void;
}

/** A whole chip of 2 MiB, erased, written and read back, with retries. */
const MOST = { entries: 200_000, bytes: 256 * 1024 * 1024 };

const NO_CAPTURE: Capture = { of: (transport) => transport, save: () => undefined };

/** Made before the unit is opened: a file that cannot be written is refused while nothing was touched. */
export function startCapture(file: string | undefined, unit: AttachedUnit, clock: Clock): Capture {
  if (file === undefined) return NO_CAPTURE;
  const transcript = createTranscript(MOST);
  const epochMs = Date.now() - clock.now();
  const write = () => replaceFile(file, bytesOf(transcript, unit, epochMs));
  write();
  return {
    of: (transport) => recordTransport(transport, transcript, clock),
    save(terminal) {
      try {
        write();
      } catch (error) {
        // The unit's outcome stands, whatever became of the file.
        terminal.writeError(`${file} could not be written: ${String(error)}\n`);
        return;
      }
      const { transfers } = transcript.summary;
      const ids = `0x${hex16(unit.vendorId)}${hex16(unit.productId)}`;
      terminal.writeError(
        `${plural(transfers, "control transfer")} in ${file}. To read: tshark -r ${file} -d usb.product==${ids},usbdfu\n`,
      );
    },
  };
}

const bytesOf = (transcript: Transcript, { portPath: link }: AttachedUnit, epochMs: number) =>
  encodePcapng(transcript, { epochMs, application: `flashline ${VERSION}`, link });

/** Only its owner may read it: there may be secrets in what was sent. */
function replaceFile(file: string, bytes: Uint8Array): void {
  const temporary = `${file}.part`;
  try {
    writeFileSync(temporary, bytes, { mode: 0o600 });
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}
