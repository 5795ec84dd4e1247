import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { type NestIn, type NestView, StationPageView } from "@flashline/contract";
import { freePort } from "@flashline/server/testing/ports";
import { type Simulator, startSimulator } from "./command.ts";
import { followNests } from "./nest-story.ts";
import {
  AGENT,
  type Environment,
  type Process,
  type Rig,
  runProcess,
  startProcess,
  until,
} from "./rig.ts";

export interface StationOptions {
  readonly name: string;
  readonly line: string;
  /** What the station works on from its start; one set later is noticed within 15 s. */
  readonly order?: {
    readonly number: string;
    readonly product: string;
    readonly version: string;
    readonly quantity: number;
  };
  /** Places with a unit; each is a nest unless `taught` says otherwise. */
  readonly nests?: number;
  /** Enroll without a nest: they are taught. */
  readonly taught?: boolean;
  readonly chip?: string;
  /** Of the units' clock and, where it has none of its own, of the agent's. */
  readonly speed?: number;
  /** Of the agent's clock: how long a person sees what a nest shows for some seconds only. */
  readonly agentSpeed?: number;
  readonly faults?: readonly string[];
  readonly dump?: string;
  /** Of the agent, besides where it keeps and serves what. */
  readonly environment?: Environment;
  /** Where its label printer is. */
  readonly printer?: string;
  /** Enroll without pinning the release key. */
  readonly withoutKey?: boolean;
}

/** A line PC: `flashline sim` for its ports and `flashline-agent` for its station, both real processes. */
export interface TestStation {
  readonly name: string;
  readonly dataDir: string;
  readonly env: Environment;
  readonly sim: Simulator;
  readonly usbip: string;
  readonly view: () => Promise<StationPageView>;
  readonly nest: (name: string) => Promise<NestView>;
  /** Waits until the nest comes to one of the states. It may have left it again; what was before the last act counts no more. */
  readonly untilNest: <S extends NestView["state"]>(
    name: string,
    ...states: readonly S[]
  ) => Promise<NestIn<S>>;
  /** Waits until the nest's unit is erased or written: whoever is stopped then leaves it half done. */
  readonly untilTouched: (name: string) => Promise<void>;
  readonly tell: (
    action: string,
    body?: Readonly<Record<string, string>>,
  ) => Promise<StationPageView>;
  /** Scans the unit into the nest and presses start; resolves with the nest's verdict. */
  readonly flash: (nest: string, serial: string) => Promise<NestIn<"pass" | "fail" | "refused">>;
  /** Puts a blank unit into the nest. */
  readonly replaceUnit: (nest: string) => Promise<void>;
  readonly startAgent: () => Promise<void>;
  readonly endAgent: (signal?: NodeJS.Signals) => Promise<void>;
  readonly agentOutput: () => string;
  readonly close: () => Promise<void>;
}

/** Adds the station and its work order to the rig's server, enrolls an agent and starts it. */
export async function startStation(rig: Rig, options: StationOptions): Promise<TestStation> {
  const { name, line, nests = 2, chip = "f407", speed = 10, faults = [] } = options;
  const { agentSpeed = speed } = options;
  const { body } = await rig.api("addStation", { body: { name, line } });
  const { order } = options;
  if (order !== undefined) {
    await rig.api("addWorkOrder", { body: { ...order, stations: [name] } });
  }
  const starting = startSimulator([
    ...["--chip", chip, "--units", String(nests), "--speed", String(speed), "--machine", name],
    ...faults.flatMap((fault) => ["--fault", fault]),
    ...(options.dump === undefined ? [] : ["--dump", options.dump]),
  ]);
  const dataDir = join(rig.folder, `agent-${name}`);
  const port = await freePort();
  const env = {
    FLASHLINE_DATA: dataDir,
    FLASHLINE_PORT: String(port),
    FLASHLINE_LOG_LEVEL: "debug",
    ...options.environment,
    ...(options.printer === undefined ? {} : { FLASHLINE_PRINTER: options.printer }),
  };
  const enrolledNests = options.taught === true ? 0 : nests;
  const nestArguments = Array.from({ length: enrolledNests }, (_, k) => [
    "--nest",
    `${k + 1}=1-${k + 1}`,
  ]);
  const enrolled = await runProcess(
    AGENT,
    [
      ...["enroll", "--server", rig.url, "--token", body.token, ...nestArguments.flat()],
      ...(options.withoutKey === true ? [] : ["--key", rig.publicKeyFile]),
    ],
    env,
  );
  if (enrolled.code !== 0) throw new RangeError(`enroll: ${enrolled.output}`);

  const started = await starting;
  const url = `http://127.0.0.1:${port}`;
  const story = followNests(url);
  const sim: Simulator = {
    ...started,
    command(line) {
      story.goOn();
      started.command(line);
    },
  };
  let agent: Process | undefined;
  const agentOutput = () => agent?.output() ?? "";
  const view = async () => StationPageView.parse(await (await fetch(`${url}/api/view`)).json());
  const nest = async (wanted: string): Promise<NestView> => {
    const found = (await view()).nests.find((candidate) => candidate.name === wanted);
    if (found === undefined) throw new RangeError(`There is no nest ${wanted}.`);
    return found;
  };
  const tell: TestStation["tell"] = async (action, content = {}) => {
    const answer = await fetch(`${url}/api/${action}`, {
      method: "POST",
      headers: { "content-type": "application/json", origin: url },
      body: JSON.stringify(content),
    });
    const told = StationPageView.parse(await answer.json());
    story.goOnFrom(told);
    return told;
  };
  const untilNest = async <S extends NestView["state"]>(
    wanted: string,
    ...states: readonly S[]
  ): Promise<NestIn<S>> => {
    const isThere = (seen: NestView): seen is NestIn<S> =>
      states.some((state) => state === seen.state);
    const since = story.now;
    const inState = () => {
      const seen = story.find(wanted, states, since);
      return seen !== undefined && isThere(seen) ? seen : undefined;
    };
    return await until(`nest ${wanted} is ${states.join(" or ")}`, inState, 40_000, agentOutput);
  };
  const untilTouched = async (wanted: string): Promise<void> => {
    const isTouched = async () => {
      const seen = await nest(wanted);
      const phase = seen.state === "busy" ? seen.progress?.phase : undefined;
      return phase === "erase" || phase === "write" ? true : undefined;
    };
    await until(`nest ${wanted} erases or writes`, isTouched, 30_000, agentOutput);
  };
  // One scanner: the nest's barcode and the unit's are read without another label in between.
  let scanner: Promise<unknown> = Promise.resolve();
  const scanInto = (wanted: string, serial: string): Promise<unknown> => {
    scanner = scanner.then(async () => {
      await tell("scan", { text: `FL-NEST-${wanted}` });
      await tell("scan", { text: serial });
    });
    return scanner;
  };
  const startAgent = async (): Promise<void> => {
    story.forget();
    const usbip = ["--usbip", sim.at(), "--clock-speed", String(agentSpeed)];
    const started = startProcess(AGENT, ["run", ...usbip], env);
    agent = started;
    const up = async () => {
      const seen = await view().catch(() => undefined);
      const isSeen = seen?.nests.some(({ state }) => state !== "empty") === true;
      const isTaught = options.taught === true && (seen?.teach.ports.length ?? 0) > 0;
      return isSeen || isTaught ? seen : undefined;
    };
    await until(`agent ${name} is up`, up, 30_000, started.output);
    story.goOn();
  };
  await startAgent();
  return {
    name,
    dataDir,
    env,
    sim,
    usbip: sim.at(),
    view,
    nest,
    untilNest,
    untilTouched,
    tell,
    async flash(wanted, serial) {
      await scanInto(wanted, serial);
      const checked = await untilNest(wanted, "ready", "refused");
      if (checked.state === "refused") return checked;
      await tell("start", { nest: wanted });
      return await untilNest(wanted, "pass", "fail", "refused");
    },
    async replaceUnit(wanted) {
      sim.command(`unplug ${wanted}`);
      await tell("acknowledge", { nest: wanted });
      await untilNest(wanted, "empty");
      // A nest takes another unit only when its port was empty for 1.5 s of the units' clock.
      await pause(2500 / Math.min(speed, agentSpeed));
      sim.command(`replace ${wanted}`);
      await untilNest(wanted, "present");
    },
    startAgent,
    async endAgent(signal) {
      await agent?.end(signal);
    },
    agentOutput,
    async close() {
      story.close();
      await agent?.end();
      await sim.stop();
    },
  };
}
