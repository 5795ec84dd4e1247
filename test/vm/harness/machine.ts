import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { kernelFolder, MachineError } from "./cache.ts";
import { type GuestResult, openChannel } from "./channel.ts";
import { buildInitrd } from "./initrd.ts";
import { type RedirectedUnit, usbArguments } from "./usb.ts";

export interface MachineOptions {
  /** Units that a usbredir server on this host holds ready, and where they are plugged into the machine. */
  readonly redirected?: readonly RedirectedUnit[];
  /** Told when the guest switches the power of a port of QEMU's hub. */
  readonly onPortPower?: (port: number, on: boolean) => unknown;
  /** A system of its own instead of the host's files: see disk.ts. What it writes stays in the file. */
  readonly disk?: string;
  /** A port of the guest that this host reaches as another one on 127.0.0.1. */
  readonly forward?: { readonly from: number; readonly to: number };
}

/**
 * A running virtual machine: Debian's kernel, the host's files as its root (what the guest writes stays in its memory) or a disk's, the
 * host itself as 10.0.2.2.
 */
export interface Machine {
  /** Host folder that the guest sees, writable, as /vm. */
  readonly folder: string;
  /** Runs a bash script in the guest. @throws MachineError when the machine has stopped */
  run(script: string, options?: { readonly seconds?: number }): Promise<GuestResult>;
  /** As `run`, and rejects with all that was printed when the status is not 0. Returns the output. */
  check(script: string, options?: { readonly seconds?: number }): Promise<string>;
  stop(): Promise<void>;
}

const BOOT_SECONDS = 500;
/** With everything that systemd does. */
const SYSTEM_BOOT_SECONDS = 600;
const COMMAND_SECONDS = 60;
const CONSOLE_LINES_SHOWN = 40;
const PORT_POWER_TRACE = ["usb_hub_set_port_feature", "usb_hub_clear_port_feature"].flatMap(
  (event) => ["-trace", event],
);
const PORT_POWER_LINE = /usb_hub_(set|clear)_port_feature dev \d+, port (\d+), feature power/;

export async function bootMachine(options: MachineOptions = {}): Promise<Machine> {
  const initrd = await buildInitrd(options.disk === undefined ? "host" : "disk");
  const folder = await mkdtemp(join(tmpdir(), "flashline-vm-"));
  await copyFile(join(import.meta.dirname, "guest.sh"), join(folder, "guest.sh"));
  const channel = await openChannel();
  const qemu = spawn("qemu-system-x86_64", [
    ...machineArguments({ initrd, folder, port: channel.port }, options),
    ...usbArguments(options.redirected ?? []),
    ...(options.onPortPower === undefined ? [] : PORT_POWER_TRACE),
  ]);
  const consoleText = collect(qemu, options.onPortPower);
  const ended = new Promise<void>((resolve) => {
    const onEnd = (why: string) => {
      const tail = consoleText().split("\n").slice(-CONSOLE_LINES_SHOWN).join("\n");
      channel.fail(new MachineError(`the virtual machine ${why}\n${tail}`));
      resolve();
    };
    qemu.once("error", (error) => onEnd(`did not start: ${error.message}`));
    qemu.once("close", (code) => onEnd(`stopped (status ${code})`));
  });
  // A test run that dies must not leave a machine behind.
  const kill = () => qemu.kill("SIGKILL");
  process.once("exit", kill);
  const bootSeconds = options.disk === undefined ? BOOT_SECONDS : SYSTEM_BOOT_SECONDS;
  const bootTimer = setTimeout(kill, bootSeconds * 1000);

  async function stop(): Promise<void> {
    kill();
    await ended;
    process.off("exit", kill);
    await channel.close();
    await rm(folder, { recursive: true, force: true });
  }

  try {
    await channel.ready;
  } catch (error) {
    await stop();
    throw error;
  } finally {
    clearTimeout(bootTimer);
  }

  const run: Machine["run"] = (script, { seconds = COMMAND_SECONDS } = {}) =>
    channel.run(script, seconds);
  return {
    folder,
    run,
    async check(script, given) {
      const { status, stdout, stderr } = await run(script, given);
      if (status !== 0) throw new MachineError(`${script}\nstatus ${status}\n${stdout}${stderr}`);
      return stdout;
    },
    stop,
  };
}

function machineArguments(
  paths: { initrd: string; folder: string; port: number },
  { disk, forward }: MachineOptions,
): string[] {
  const share = (tag: string, path: string, more = "") => [
    ...["-fsdev", `local,id=${tag},path=${path},security_model=none${more}`],
    ...["-device", `virtio-9p-pci,fsdev=${tag},mount_tag=${tag}`],
  ];
  return [
    ...["-machine", "q35", "-smp", "2", "-m", "2048", "-nographic", "-no-reboot"],
    // Emulation everywhere: what takes the same time on every machine can have a budget.
    ...["-accel", "tcg,thread=multi", "-cpu", "max"],
    ...["-kernel", join(kernelFolder(), "vmlinuz"), "-initrd", paths.initrd],
    // An emulated timer that comes late on a busy host looks broken to the kernel, which would not start.
    ...[
      "-append",
      `console=ttyS0 quiet panic=-1 mitigations=off no_timer_check flashline.port=${paths.port}`,
    ],
    ...["-netdev", `user,id=n0${forwarded(forward)}`, "-device", "virtio-net-pci,netdev=n0"],
    ...(disk === undefined
      ? share("root", "/", ",readonly=on,multidevs=remap")
      : // What it flushes survives the machine, and no machine that is to be faster waits for this host's disk.
        ["-drive", `file=${disk},if=virtio,format=raw`]),
    ...share("share", paths.folder),
  ];
}

const forwarded = (forward: MachineOptions["forward"]): string =>
  forward === undefined ? "" : `,hostfwd=tcp:127.0.0.1:${forward.from}-10.0.2.15:${forward.to}`;

/** Keeps the machine's console for messages of failure; QEMU's own output tells what its hub does. */
function collect(
  qemu: ChildProcessWithoutNullStreams,
  onPortPower: MachineOptions["onPortPower"],
): () => string {
  let text = "";
  if (onPortPower !== undefined) {
    createInterface({ input: qemu.stderr }).on("line", (line) => {
      const [, verb, port] = PORT_POWER_LINE.exec(line) ?? [];
      if (verb !== undefined) onPortPower(Number(port), verb === "set");
    });
  }
  const keep = (chunk: Buffer) => {
    text = (text + chunk.toString("latin1")).slice(-65_536);
  };
  qemu.stdin.end();
  qemu.stdout.on("data", keep);
  qemu.stderr.on("data", keep);
  return () => text;
}
