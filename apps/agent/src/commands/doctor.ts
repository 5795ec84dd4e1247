import type { Config } from "../config.ts";
import { examine } from "../doctor/examine.ts";
import { type Finding, Level } from "../doctor/finding.ts";
import { writeUdevRule } from "../doctor/udev-rule.ts";

export interface DoctorArguments {
  readonly usbip: string | undefined;
  readonly json: boolean;
  /** The udev rule is written before. */
  readonly writesRule: boolean;
}

const MARKS = { ok: "ok  ", warn: "WARN", fail: "FAIL" } as const satisfies Record<Level, string>;

/** Says what is wrong with this PC. Answers with the exit code: 0 when nothing keeps it from flashing. */
export async function runDoctor(
  config: Config,
  given: DoctorArguments,
  write: (text: string) => void,
): Promise<number> {
  const done = given.writesRule ? await writeUdevRule() : [];
  if (!given.json) for (const sentence of done) write(`${sentence}\n\n`);
  const findings = await examine(config, given.usbip);
  const failed = findings.filter(({ level }) => level === Level.Fail);
  if (given.json) {
    const healthy = failed.length === 0;
    write(`${JSON.stringify({ healthy, findings }, undefined, 2)}\n`);
  } else {
    for (const finding of findings) write(`${lineOf(finding)}\n`);
    write(failed.length === 0 ? "\nThis PC can flash.\n" : `\n${failed.length} to repair.\n`);
  }
  return failed.length === 0 ? 0 : 1;
}

const lineOf = ({ level, name, sentence }: Finding): string =>
  `${MARKS[level]}  ${name.padEnd(12)} ${sentence}`;
