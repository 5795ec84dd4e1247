// npm run soak:starts [-- --starts N] [--seconds S]
// Starts programs that load the `usb` package again and again in the virtual machine, for one that crashes: N starts of each kind
// (50), or what S seconds hold (420). Prints a table, and the stack of each core. Exit code 1 when one crashed.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { bundleWhole } from "../../../scripts/bundle.mjs";
import { bootMachine, type Machine } from "../harness/machine.ts";
import { startSimulator } from "../harness/simulator.ts";
import { attachUsbIp } from "../harness/usbip.ts";

const ROOT = join(import.meta.dirname, "../../..");
const { values } = parseArgs({
  options: {
    starts: { type: "string", default: "50" },
    seconds: { type: "string", default: "420" },
  },
});
const most = Number(values.starts);
const until = performance.now() + Number(values.seconds) * 1000;

/** As a checkout starts that cannot be written to; that start crashed once. */
const FROM_SOURCES = `
const { acceptSources } = await import("${ROOT}/scripts/sources.mjs");
await acceptSources();
await import("${ROOT}/apps/cli/src/main.ts");
`;
const USB_ALONE = `
const { usb } = await import("${ROOT}/node_modules/usb/dist/index.js");
const devices = await usb.getDevices();
if (devices.length === 0) process.exitCode = 3;
`;
/** Status of a process that a signal ended. */
const SIGNALLED = 128;

interface Kind {
  readonly name: string;
  readonly words: (unit: string) => string;
}

interface Count {
  starts: number;
  crashes: number;
  failures: number;
  ms: number;
}

const KINDS: readonly Kind[] = [
  {
    name: "node, the `usb` package loaded, its list of devices asked for",
    words: () => "node /vm/usb-alone.mjs",
  },
  {
    name: "the desk tool from its bundle, `dfu list`",
    words: () => "node $tool dfu list --json",
  },
  {
    name: "the desk tool from its bundle, `dfu info`: a unit is opened",
    words: (unit) => `node $tool dfu info --json --path ${unit}`,
  },
  {
    name: "the desk tool from sources, `dfu info`: a unit is opened",
    words: (unit) => `node /vm/sources.mjs dfu info --json --path ${unit}`,
  },
];

/** Starts kind after kind on its own unit until all have had their starts or the time is over. */
async function lane(machine: Machine, tool: string, unit: string, counts: Map<Kind, Count>) {
  for (;;) {
    const kind = KINDS.toSorted(
      (a, b) => (counts.get(a)?.starts ?? 0) - (counts.get(b)?.starts ?? 0),
    )[0];
    const count = kind && counts.get(kind);
    if (!count || count.starts >= most || performance.now() > until) return;
    count.starts += 1;
    const script = `ulimit -c unlimited; cd /run; tool=${tool}; ${kind.words(unit)}`;
    const { status, stdout, stderr, ms } = await machine.run(script, { seconds: 120 });
    count.ms += ms;
    if (status > SIGNALLED) count.crashes += 1;
    else if (status !== 0) count.failures += 1;
    if (status !== 0) process.stdout.write(`${kind.name}: status ${status}\n${stdout}${stderr}\n`);
  }
}

/** Makes sure that a crash would be seen: a node that kills itself must count as one and leave a core. */
async function seesCrashes(machine: Machine): Promise<boolean> {
  const script = `ulimit -c unlimited; cd /run; node -e 'process.kill(process.pid, "SIGSEGV")'`;
  const { status } = await machine.run(script);
  const cores = await machine.check("ls /run/core.*; rm -f /run/core.*");
  return status > SIGNALLED && cores.includes("core.");
}

async function stacks(machine: Machine): Promise<string> {
  const script = `
    shopt -s nullglob
    for core in /run/core.*; do
      gdb -batch -ex "thread apply all bt 30" $(command -v node) $core 2>&1 | tail -200
    done`;
  return await machine.check(script, { seconds: 300 });
}

const bundled = await bundleWhole("apps/cli", "src/main.ts", "flashline");
const simulator = await startSimulator(["--chip", "f407", "--units", "2", "--usbip", "0"]);
const machine = await bootMachine();
try {
  await writeFile(join(machine.folder, "sources.mjs"), FROM_SOURCES);
  await writeFile(join(machine.folder, "usb-alone.mjs"), USB_ALONE);
  await machine.check("echo /run/core.%p >/proc/sys/kernel/core_pattern");
  if (!(await seesCrashes(machine))) throw new RangeError("a crash would not be seen");
  const units = await attachUsbIp(machine, simulator.usbip, ["1-1", "1-2"]);
  const counts = new Map<Kind, Count>(
    KINDS.map((kind) => [kind, { starts: 0, crashes: 0, failures: 0, ms: 0 }]),
  );
  await Promise.all(units.map((unit) => lane(machine, bundled, unit, counts)));
  let crashed = 0;
  for (const [{ name }, { starts, crashes, failures, ms }] of counts) {
    crashed += crashes;
    const each = (ms / starts / 1000).toFixed(1);
    process.stdout.write(
      `| ${name} | ${starts} | ${crashes} | ${failures} failed, ${each} s each\n`,
    );
  }
  if (crashed > 0) process.stdout.write(await stacks(machine));
  process.exitCode = crashed > 0 ? 1 : 0;
} finally {
  await machine.stop();
  await simulator.stop();
}
