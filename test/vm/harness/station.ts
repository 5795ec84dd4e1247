import { copyFile, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { StationPageView } from "@flashline/contract";
import { freePort } from "@flashline/server/testing/ports";
import {
  createVirtualUnit,
  partByName,
  scaledClock,
  serveUsbRedir,
  type VirtualUnit,
} from "@flashline/virtual-stm32";
import { decodeJournal } from "../../../apps/agent/src/journal/line.ts";
import { bundleWhole } from "../../../scripts/bundle.mjs";
import { type OpenPage, openPage } from "../../e2e/support/open-page.ts";
import type { Rig } from "../../e2e/support/rig.ts";
import { MachineError } from "./cache.ts";
import { bootMachine } from "./machine.ts";
import { ControllerModel, type RedirectedUnit } from "./usb.ts";

const PAGE_PORT = 8371;
const RELAY_PORT = 8372;
const DATA = "/run/agent";
/** Of a command in the guest: an emulated machine beside others may get a tenth of a core. */
const COMMAND_SECONDS = 1_800;
const NESTS_AT_A_CONTROLLER = 2;
/** Of two models, because their ids are part of what a host is. */
const CONTROLLERS = [
  { controller: ControllerModel.Nec, controllerNumber: 0 },
  { controller: ControllerModel.Nec, controllerNumber: 1 },
  { controller: ControllerModel.Qemu, controllerNumber: 0 },
  { controller: ControllerModel.Qemu, controllerNumber: 1 },
] as const;

/** A PASS or FAIL that stands in the agent's journal. */
export interface Journaled {
  readonly attemptId: string;
  readonly serial: string;
  readonly outcome: "PASS" | "FAIL";
}

/** A station with eight nests at four USB controllers. Its agent runs in the machine, its units in this process. */
export interface StationInMachine {
  /** Of nest 1, 2 … */
  readonly units: readonly VirtualUnit[];
  /** As the page shows it; undefined while no agent answers. */
  readonly view: () => StationPageView | undefined;
  /** What hands do at the page. Where no agent answers, nothing. */
  readonly tell: (action: string, body: Readonly<Record<string, string>>) => Promise<void>;
  readonly startAgent: () => Promise<void>;
  /** SIGKILL, and what its journal holds then. */
  readonly killAgent: () => Promise<readonly Journaled[]>;
  readonly agentLog: () => Promise<string>;
  readonly close: () => Promise<void>;
}

/** Boots the machine with a unit in each nest, and enrolls its agent by the token. The agent does not run yet. */
export async function prepareStation(rig: Rig, token: string): Promise<StationInMachine> {
  const agent = await bundleWhole("apps/agent", "src/main.ts", "agent");
  const relay = await bundleWhole("test", "vm/guest/relay.ts", "relay");
  const clock = scaledClock(1);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const units: VirtualUnit[] = [];
  const wires: { close(): Promise<void> }[] = [];
  const redirected: RedirectedUnit[] = [];
  for (const controller of CONTROLLERS) {
    for (let rootPort = 1; rootPort <= NESTS_AT_A_CONTROLLER; rootPort += 1) {
      const serial = `FFFF0000000${units.length}`;
      const unit = createVirtualUnit({ part: partByName("f407"), clock, serial });
      const wire = await serveUsbRedir({ unit, port: 0 });
      units.push(unit);
      wires.push(wire);
      redirected.push({ ...controller, rootPort, port: wire.port });
    }
  }
  const machine = await bootMachine({ redirected, forward: { from: port, to: RELAY_PORT } });
  await copyFile(rig.publicKeyFile, join(machine.folder, "release.pub"));
  const guest = (script: string) => machine.check(script, { seconds: COMMAND_SECONDS });
  await guest("/lib/systemd/systemd-udevd --daemon");
  const program = `FLASHLINE_DATA=${DATA} FLASHLINE_PORT=${PAGE_PORT} node ${agent}`;
  const server = `http://10.0.2.2:${new URL(rig.url).port}`;
  const where = `--server ${server} --token ${token} --key /vm/release.pub`;
  const places = await placesOf(units, guest);
  await guest(`${program} enroll ${where} ${places}`);
  await guest(`node ${relay} ${RELAY_PORT} ${PAGE_PORT} >/run/relay.log 2>&1 & disown`);

  let page: OpenPage | undefined;
  let isOver = false;
  // As a browser that somebody loads again when the agent is back.
  const watching = (async () => {
    while (!isOver) {
      const opened = await openPage(url).catch(() => undefined);
      page = opened;
      await opened?.gone;
      page = undefined;
      await pause(500);
    }
  })();
  return {
    units,
    view: () => page?.view,
    async tell(action, body) {
      await page?.tell(action, body).catch(() => undefined);
    },
    async startAgent() {
      await guest(`${program} run >>/vm/agent.log 2>&1 & echo $! >/run/agent.pid; disown`);
    },
    async killAgent() {
      await guest(`
        pid=$(cat /run/agent.pid)
        kill -9 $pid
        while [[ -e /proc/$pid ]] && ! grep -q "^State:.Z" /proc/$pid/status; do sleep 0.1; done
        cp ${DATA}/journal.jsonl /vm/journal.jsonl`);
      return resultsIn(await readFile(join(machine.folder, "journal.jsonl")));
    },
    agentLog: () => readFile(join(machine.folder, "agent.log"), "utf8"),
    async close() {
      isOver = true;
      page?.close();
      await machine.stop();
      await watching;
      for (const wire of wires) await wire.close();
    },
  };
}

/** `--nest N=PORT` of every unit, as the kernel calls the ports. @throws MachineError unless all are there, at four controllers */
async function placesOf(
  units: readonly VirtualUnit[],
  guest: (script: string) => Promise<string>,
): Promise<string> {
  const script = `
    for try in {1..3000}; do
      found=$(grep -l df11 /sys/bus/usb/devices/*/idProduct | wc -l)
      [[ $found -ge ${units.length} ]] && break
      sleep 0.2
    done
    for file in $(grep -l df11 /sys/bus/usb/devices/*/idProduct); do
      folder=\${file%/*}
      echo "\${folder##*/} $(cat $folder/serial)"
    done`;
  const lines = (await guest(script)).trim().split("\n");
  const ports = new Map(lines.map((line) => [line.split(" ")[1], line.split(" ")[0]]));
  const found = units.map(({ serial }) => ports.get(serial));
  const buses = new Set(found.map((path) => path?.split("-")[0]));
  if (found.includes(undefined) || buses.size !== CONTROLLERS.length) {
    throw new MachineError(`the kernel has other units than were plugged in:\n${lines.join("\n")}`);
  }
  return found.map((path, at) => `--nest ${at + 1}=${path}`).join(" ");
}

function resultsIn(journal: Uint8Array): readonly Journaled[] {
  return decodeJournal(journal).entries.flatMap((entry) =>
    entry.entry === "result" || entry.entry === "summary"
      ? [
          {
            attemptId: entry.attemptId,
            serial: entry.summary.serial,
            outcome: entry.summary.outcome,
          },
        ]
      : [],
  );
}
