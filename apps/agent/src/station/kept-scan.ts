import type { Code, NoticeMessage } from "@flashline/contract";
import type { Nest } from "../nests/nest.ts";
import { isWaiting } from "../nests/takes-scan.ts";

/** A scan that came before its unit. One at a time: a second label could be put to the first one's unit. */
export interface KeptScan {
  /** For the page; null: none waits. `until` is an ISO date. */
  readonly view: {
    readonly serial: string;
    readonly nest: string | null;
    readonly until: string;
  } | null;
  /** `nest`: the one that the unit is meant for; null: any. Refused while another one waits. */
  keep(serial: string, nest: string | null): void;
  forget(): void;
  /** The nests have changed, or time has passed. */
  look(): void;
}

export interface KeptScanOptions {
  readonly nests: () => readonly Nest[];
  /** The unit has come: its scan is this nest's. */
  readonly assign: (nest: string, serial: string) => void;
  readonly refuse: (code: Code, serial: string) => void;
  readonly notify: (message: NoticeMessage) => void;
  /** How long a unit may take, milliseconds of wall time: a person plugs it in. */
  readonly keptMs: number;
}

interface Kept {
  readonly serial: string;
  readonly nest: string | null;
  /** Date.now() */
  readonly until: number;
}

export function createKeptScan(options: KeptScanOptions): KeptScan {
  const { nests, assign, refuse, notify, keptMs } = options;
  let kept: Kept | null = null;

  return {
    get view() {
      return kept === null ? null : { ...kept, until: new Date(kept.until).toISOString() };
    },
    keep(serial, nest) {
      if (kept !== null && kept.serial !== serial) {
        refuse("scan.one_kept", serial);
        return;
      }
      kept = { serial, nest, until: Date.now() + keptMs };
      notify({ key: "kept", kind: "info", serial, nest });
    },
    forget() {
      kept = null;
    },
    look() {
      if (kept === null) return;
      const { serial, nest, until } = kept;
      const [came, ...more] = nests().filter(
        (one) => isWaiting(one) && (nest === null || one.name === nest),
      );
      if (came === undefined) {
        if (Date.now() < until) return;
        kept = null;
        notify({ key: "kept-over", kind: "refused", serial });
        return;
      }
      kept = null;
      if (more.length === 0) assign(came.name, serial);
      else refuse("scan.several_units", serial);
    },
  };
}
