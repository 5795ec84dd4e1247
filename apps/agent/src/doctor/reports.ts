import type { DoctorReport } from "@flashline/contract";
import type { Logger } from "pino";
import type { ServerLink } from "../server/link.ts";
import type { Finding } from "./finding.ts";

/** Looks at this PC now and then, and tells the server what was found. */
export interface DoctorReports {
  /** Looks now. Who asks while it looks gets the same answer. */
  look(): Promise<DoctorReport>;
  stop(): Promise<void>;
}

export interface DoctorReportsOptions {
  readonly examine: () => Promise<readonly Finding[]>;
  readonly link: ServerLink;
  readonly log: Logger;
}

/** After the start, when the units have come up. Milliseconds. */
const FIRST_MS = 10_000;
const EVERY_MS = 3_600_000;

export function startDoctorReports({ examine, link, log }: DoctorReportsOptions): DoctorReports {
  let looking: Promise<DoctorReport> | undefined;

  async function lookAndTell(): Promise<DoctorReport> {
    const findings = await examine();
    const report = { at: new Date().toISOString(), findings: [...findings] };
    const wrong = findings.filter(({ level }) => level !== "ok");
    log.info({ step: "doctor", wrong: wrong.map(({ name }) => name) }, "looked at this PC");
    link.call("reportDoctor", { body: report }).catch((error: unknown) => {
      // The next report tells it.
      log.debug({ err: error, step: "doctor" }, "not reported");
    });
    return report;
  }
  function look(): Promise<DoctorReport> {
    looking ??= lookAndTell().finally(() => {
      looking = undefined;
    });
    return looking;
  }
  const lookLater = (): void => {
    look().catch((error: unknown) => log.warn({ err: error, step: "doctor" }, "not looked"));
  };
  const first = setTimeout(lookLater, FIRST_MS);
  const again = setInterval(lookLater, EVERY_MS);
  return {
    look,
    async stop() {
      clearTimeout(first);
      clearInterval(again);
      await looking?.catch(() => undefined);
    },
  };
}
