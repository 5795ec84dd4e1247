import type { Clock, DfuTransport } from "@flashline/dfu-core/protocol";
import {
  createTranscript,
  encodePcapng,
  recordTransport,
  type Transcript,
} from "@flashline/dfu-core/transcript";
import type { AttachedUnit } from "@flashline/usb-host";
import { openOutput, refuseStandardOutput } from "../output.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { hex16, plural } from "../terminal/units.ts";
import { VERSION } from "../version.ts";

/** What a person asked to see of the link, as a file. */
export interface Capture {
  of(transport: DfuTransport): DfuTransport;
  /** Writes the file and says so on the error output, where no program that reads events is in the way. */
  save(terminal: Terminal): Promise<void>;
}

/** A whole chip of 2 MiB, erased, written and read back, with retries. */
const MOST = { entries: 200_000, bytes: 256 * 1024 * 1024 };

const NO_CAPTURE: Capture = { of: (transport) => transport, save: () => Promise.resolve() };

/** Made before the unit is opened: a file that cannot be written is refused while nothing was touched. */
export async function startCapture(
  file: string | undefined,
  unit: AttachedUnit,
  clock: Clock,
): Promise<Capture> {
  if (file === undefined) return NO_CAPTURE;
  refuseStandardOutput("--pcapng", file);
  // Only its owner may read it: there may be secrets in what was sent.
  const output = await openOutput(file, { mode: 0o600 });
  const transcript = createTranscript(MOST);
  const epochMs = Date.now() - clock.now();
  return {
    of: (transport) => recordTransport(transport, transcript, clock),
    async save(terminal) {
      try {
        await output.save(bytesOf(transcript, unit, epochMs));
      } catch (error) {
        // The unit's outcome stands, even if the file could not be written.
        terminal.writeError(`${error instanceof Error ? error.message : String(error)}\n`);
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
