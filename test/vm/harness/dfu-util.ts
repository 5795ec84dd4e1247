import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Part, VirtualUnit } from "@flashline/virtual-stm32";
import type { Machine } from "./machine.ts";

/** What dfu-util could do with one unit. */
export interface Conformance {
  readonly part: string;
  readonly wire: string;
  readonly serial: string;
  /** The kernel's port path; undefined when dfu-util did not list the unit. */
  readonly path: string | undefined;
  /** With every alternate setting's string, verbatim. */
  readonly listed: boolean;
  readonly massErase: boolean;
  readonly flash: boolean;
  readonly read: boolean;
  readonly pageErase: boolean;
  /** The application runs, with an answer to the last GETSTATUS or without. */
  readonly leave: "answered" | "gone" | "no";
  readonly illegal: readonly string[];
  readonly controlTransfers: number;
  readonly seconds: number;
  /** What dfu-util printed in the first step that failed. */
  readonly trouble: string;
}

export interface Trial {
  readonly machine: Machine;
  readonly wire: string;
  readonly unit: VirtualUnit;
  /** Of `dfu-util -l`, for all units. */
  readonly listing: string;
  /** Content of /vm/first.dfu; /vm/second.bin is another, smaller image. */
  readonly first: Uint8Array;
}

const TRIAL_SECONDS = 150;
const SECOND = "== second image";

/** What dfu-util prints on chips that are gone before they answer the last GETSTATUS (G0, H7, WB); its status is 74 then. */
const LEFT_WITHOUT_ANSWER =
  /Submitting leave request\.\.\.\s[\s\S]*Error during download get_status\s*$/;

/** What arrives of a string: dfu-util 0.11 takes what a ROM sends that announces more. */
const charactersOf = ({ usb }: Part): number =>
  usb.longestString === undefined ? Number.POSITIVE_INFINITY : (usb.longestString - 2) / 2;

/**
 * Everything that dfu-util does with a DfuSe unit: mass erase and flash a .dfu file, read it back, flash a raw file over it (which
 * is right only when its pages were erased), leave.
 */
export async function conformanceOf(trial: Trial): Promise<Conformance> {
  const { machine, wire, unit, listing, first } = trial;
  const { part, serial, flash } = unit;
  const lines = listing.split("\n").filter((line) => line.includes(`serial="${serial}"`));
  const path = /path="([^"]+)"/.exec(lines[0] ?? "")?.[1];
  const listed =
    lines.length === part.alternates.length &&
    part.alternates.every((whole) => {
      const name = whole.slice(0, charactersOf(part));
      return lines.some((line) => line.includes(`name="${name}"`));
    });
  const address = `0x${flash.base.toString(16)}`;
  const dfuUtil = `dfu-util -d 0483:df11 -p ${path} -a 0`;
  const script = `
    exec 2>&1
    ${dfuUtil} -s :mass-erase:force -D /vm/first.dfu &&
    ${dfuUtil} -s ${address}:${first.length} -U /vm/${serial}.bin &&
    echo "${SECOND}" &&
    ${dfuUtil} -s ${address}:leave -D /vm/second.bin`;
  const before = unit.counters.controlTransfers;
  const { status, stdout, ms } = await machine.run(script, { seconds: TRIAL_SECONDS });
  const [one = "", two = ""] = stdout.split(SECOND);
  const back = await readFile(join(machine.folder, `${serial}.bin`)).catch(() => Buffer.alloc(0));
  const last = flash.sectorAt(flash.base + first.length - 1);
  const behind = flash.snapshot().subarray(last ? last.start + last.size : 0);
  const answered = status === 0;
  return {
    part: part.name,
    wire,
    serial,
    path,
    listed,
    massErase:
      unit.counters.massErases === 1 && behind.every((byte) => byte === flash.rules.erasedValue),
    flash: one.includes("Download done."),
    read: Buffer.compare(back, first) === 0,
    pageErase: two.includes("Download done."),
    leave: unit.mode !== "application" ? "no" : answered ? "answered" : "gone",
    illegal: unit.illegal,
    controlTransfers: unit.counters.controlTransfers - before,
    seconds: ms / 1000,
    trouble:
      answered || LEFT_WITHOUT_ANSWER.test(two) ? "" : `status ${status}: ${stdout.slice(-1500)}`,
  };
}

/** What dfu-util made of a product's own bootloader. */
export interface ProductTrial {
  readonly status: number;
  readonly stdout: string;
  /** What it read back. */
  readonly back: Uint8Array;
}

/** Flashes /vm/second.bin to a product's own bootloader and reads it back; the words say where: -a, and -s where it has addresses. */
export async function flashProduct(
  machine: Machine,
  unit: VirtualUnit,
  download: string,
  upload: string,
): Promise<ProductTrial> {
  const { vendorId, productId } = unit.part.usb;
  const id = [vendorId, productId].map((word) => word.toString(16).padStart(4, "0")).join(":");
  const file = `${unit.serial}.bin`;
  const dfuUtil = `dfu-util -d ${id} -S ${unit.serial}`;
  const script = `
    exec 2>&1
    ${dfuUtil} ${download} -D /vm/second.bin &&
    ${dfuUtil} ${upload} -U /vm/${file}`;
  const { status, stdout } = await machine.run(script, { seconds: TRIAL_SECONDS });
  const back = await readFile(join(machine.folder, file)).catch(() => Buffer.alloc(0));
  return { status, stdout, back };
}

/** A Markdown table, one row a unit. */
export function table(results: readonly Conformance[]): string {
  const mark = (good: boolean) => (good ? "yes" : "NO");
  const rows = results.map((result) => [
    ...[result.part, result.wire, mark(result.listed), mark(result.massErase)],
    ...[mark(result.flash), mark(result.read), mark(result.pageErase), result.leave],
    ...[String(result.illegal.length), String(result.controlTransfers), result.seconds.toFixed(1)],
  ]);
  const head = [
    ...["part", "wire", "listed", "mass erase", "flash", "read", "page erase", "leave"],
    ...["illegal", "transfers", "seconds"],
  ];
  const lines = [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`);
  const trouble = results.flatMap(({ part, wire, trouble: text, illegal }) =>
    text === "" && illegal.length === 0
      ? []
      : [`${part} over ${wire}: ${text}\n${illegal.join("\n")}`],
  );
  return `${[...lines, ...trouble].join("\n")}\n`;
}
