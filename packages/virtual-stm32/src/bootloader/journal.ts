import { DfuRequest } from "@flashline/dfu-core/protocol";
import type { ControlReply } from "../usb/setup.ts";

/** What the unit has seen and done. The device keeps this record itself, independent of any host. */
export interface Counters {
  controlTransfers: number;
  downloads: number;
  uploads: number;
  statuses: number;
  downloadedBytes: number;
  uploadedBytes: number;
  setAddresses: number;
  erases: number;
  programs: number;
  massErases: number;
  readUnprotects: number;
  optionWrites: number;
  leaves: number;
  busResets: number;
  enumerations: number;
  /** First and last class request since power-on of the simulation, in ms of the unit's clock; what a benchmark measures. */
  firstAtMs: number | undefined;
  lastAtMs: number | undefined;
  /** Faults that struck, by name. */
  readonly faults: Record<string, number>;
}

const KEPT_REASONS = 1000;

export class Journal {
  readonly counters: Counters = {
    controlTransfers: 0,
    downloads: 0,
    uploads: 0,
    statuses: 0,
    downloadedBytes: 0,
    uploadedBytes: 0,
    setAddresses: 0,
    erases: 0,
    programs: 0,
    massErases: 0,
    readUnprotects: 0,
    optionWrites: 0,
    leaves: 0,
    busResets: 0,
    enumerations: 0,
    firstAtMs: undefined,
    lastAtMs: undefined,
    faults: {},
  };
  readonly illegal: string[] = [];

  /** What the host did that no host may do. Kept up to a thousand times, so that a lost host cannot fill the memory. */
  reject(code: string, detail: string): void {
    if (this.illegal.length < KEPT_REASONS) this.illegal.push(`${code}: ${detail}`);
  }

  /** One class request that reached the bootloader, with what it answered. */
  count(request: number, length: number, reply: ControlReply): void {
    const { counters } = this;
    const carried = reply.kind === "data";
    if (request === DfuRequest.Dnload) {
      counters.downloads += 1;
      if (carried) counters.downloadedBytes += length;
    } else if (request === DfuRequest.Upload) {
      counters.uploads += 1;
      if (carried) counters.uploadedBytes += reply.data.length;
    } else if (request === DfuRequest.GetStatus) {
      counters.statuses += 1;
    }
  }

  struck(fault: string): void {
    this.counters.faults[fault] = (this.counters.faults[fault] ?? 0) + 1;
  }
}
