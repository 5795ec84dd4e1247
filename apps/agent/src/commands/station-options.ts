import type { Way } from "@flashline/contract";
import type { Clock } from "@flashline/dfu-core/protocol";
import type { UnitSource } from "@flashline/usb-host";
import type { Logger } from "pino";
import type { Finding } from "../doctor/finding.ts";
import type { HookCommands } from "../hooks/hooks-file.ts";
import type { Journal } from "../journal/journal.ts";
import type { PrinterAddress } from "../labels/address.ts";
import type { Identity } from "../station/identity.ts";
import type { OpenedUpdates } from "../updates/opened.ts";

/** What a station is started with. */
export interface StationOptions {
  readonly identity: Identity;
  /** Where the server is; the enrollment's address unless configured otherwise. */
  readonly serverUrl: string;
  readonly dataDir: string;
  readonly cacheBytes: number;
  /** How long a snapshot is kept whose unit did not pass here, milliseconds. */
  readonly snapshotMs: number;
  /** What is run for the fixture. */
  readonly hooks: HookCommands;
  readonly way: Way;
  /** How long a scan waits for its unit, milliseconds. */
  readonly scanKeptMs: number;
  /** Undefined: there is no label printer. */
  readonly printer: PrinterAddress | undefined;
  readonly journal: Journal;
  readonly source: UnitSource;
  /** Units are reached over USB/IP: the page says so. */
  readonly virtual: boolean;
  readonly clock: Clock;
  readonly log: Logger;
  /** Undefined: not started by the package's launcher. */
  readonly updates: OpenedUpdates | undefined;
  /** Folder of the keys for updates. */
  readonly updateKeys: string | undefined;
  /** Ends the agent after `last`, so that the launcher starts another version. */
  readonly leave: (last: () => Promise<void>) => void;
  /** Looks at everything that a station needs. */
  readonly examine: () => Promise<readonly Finding[]>;
}
