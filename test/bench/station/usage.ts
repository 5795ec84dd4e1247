import { readdirSync, readFileSync } from "node:fs";
import { parseStat } from "../server/parse.ts";

/** What a process and all that it started have taken so far, and hold now. */
export interface Usage {
  /** Processor time, milliseconds. */
  readonly cpuMs: number;
  /** Memory that is theirs alone (RSS without what files and shared memory are), MiB. */
  readonly mib: number;
}

/** Of processes that are there now: one that ended counts with its parent. */
export function usageOf(pid: number): Usage {
  const stats = processes();
  const family = new Set([pid]);
  // Parents come before their children, but for numbers that were used again: so often as anything is found.
  for (let grown = true; grown; ) {
    grown = false;
    for (const [child, { parent }] of stats) {
      if (family.has(child) || !family.has(parent)) continue;
      family.add(child);
      grown = true;
    }
  }
  let cpuMs = 0;
  let kib = 0;
  for (const each of family) {
    const found = stats.get(each);
    cpuMs += (found?.own ?? 0) + (found?.ended ?? 0);
    kib += ownKib(each);
  }
  return { cpuMs, mib: kib / 1024 };
}

/** Open files, sockets and the like of one process. */
export const descriptorsOf = (pid: number): number => readdirSync(`/proc/${pid}/fd`).length;

function processes() {
  const found = new Map<number, { parent: number; own: number; ended: number }>();
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const text = read(`/proc/${name}/stat`);
    if (text === undefined) continue;
    const parent = Number(text.slice(text.lastIndexOf(")") + 2).split(" ")[1]);
    found.set(Number(name), { parent, ...parseStat(text) });
  }
  return found;
}

function ownKib(pid: number): number {
  const [, kib = "0"] = /^RssAnon:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/status`) ?? "") ?? [];
  return Number(kib);
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // It has ended meanwhile.
    return undefined;
  }
}
