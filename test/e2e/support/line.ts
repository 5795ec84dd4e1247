import { freePort } from "@flashline/server/testing/ports";
import { createSimulator, type Simulator } from "@flashline/virtual-stm32";
import { type OpenPage, openPage } from "./open-page.ts";
import { LINE, PRODUCT } from "./plant.ts";
import {
  AGENT,
  type Environment,
  type Process,
  type Rig,
  runProcess,
  startProcess,
  until,
} from "./rig.ts";

export interface LineOptions {
  readonly name: string;
  /** The version of the product that it works on. */
  readonly version: string;
  readonly nests: number;
  /** Of the units' clock and the agent's; 1 is real time. */
  readonly speed: number;
  /** Units that erase and write as long as the chip does, or at once. */
  readonly timing: "typical" | "none";
  /** Of its order. */
  readonly quantity?: number;
  /** Of the agent, besides where it keeps and serves what. */
  readonly environment?: Environment;
}

/** One station whose units are in this process, where their flash and their requests can be seen. Its agent is a process of its own. */
export interface Line {
  readonly name: string;
  readonly nests: number;
  readonly speed: number;
  readonly order: string;
  readonly sim: Simulator;
  readonly dataDir: string;
  /** The page of the agent that runs. */
  readonly page: OpenPage;
  readonly agent: Process;
  /**
   * Starts the agent, under the program `under` where one is given, and opens its page.
   * @throws RangeError when it ended before
   */
  startAgent(under?: readonly string[]): Promise<void>;
  endAgent(signal?: NodeJS.Signals): Promise<void>;
  close(): Promise<void>;
}

const MOST_UNITS = 100_000;

/** Adds the station and its order to the rig's server, and enrolls it. There is a unit in each nest; the agent does not run yet. */
export async function prepareLine(rig: Rig, options: LineOptions): Promise<Line> {
  const { name, version, nests, speed, timing, quantity = MOST_UNITS } = options;
  const order = `WO-${name}`;
  const { body } = await rig.api("addStation", { body: { name, line: LINE } });
  const works = { product: PRODUCT, version, quantity, stations: [name] };
  await rig.api("addWorkOrder", { body: { number: order, ...works } });
  const sim = await createSimulator({
    chip: "f407",
    units: nests,
    usbipPort: 0,
    machine: name,
    ...(timing === "none" ? {} : { speed, timing }),
  });
  const dataDir = `${rig.folder}/agent-${name}`;
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const env = {
    FLASHLINE_DATA: dataDir,
    FLASHLINE_PORT: String(port),
    FLASHLINE_LOG_LEVEL: "debug",
    ...options.environment,
  };
  const places = sim.units.flatMap((_, at) => ["--nest", `${at + 1}=1-${at + 1}`]);
  const where = ["--server", rig.url, "--token", body.token, "--key", rig.publicKeyFile];
  const enrolled = await runProcess(AGENT, ["enroll", ...where, ...places], env);
  if (enrolled.code !== 0) throw new RangeError(`enroll: ${enrolled.output}`);
  const words = ["--usbip", `127.0.0.1:${sim.ports.usbip}`, "--clock-speed", String(speed)];

  let agent: Process | undefined;
  let page: OpenPage | undefined;
  const running = <T>(one: T | undefined): T => {
    if (one === undefined) throw new RangeError(`the agent of ${name} was not started`);
    return one;
  };
  return {
    name,
    nests,
    speed,
    order,
    sim,
    dataDir,
    get page() {
      return running(page);
    },
    get agent() {
      return running(agent);
    },
    async startAgent(under) {
      page?.close();
      const started = startProcess(AGENT, ["run", ...words], env, under);
      agent = started;
      const opened = () => {
        const { exitCode, signalCode } = started.child;
        if (exitCode !== null || signalCode !== null) throw new RangeError("the agent has ended");
        return openPage(url).catch(() => undefined);
      };
      page = await until("the station page", opened, 60_000, started.output);
    },
    async endAgent(signal) {
      page?.close();
      await agent?.end(signal);
    },
    async close() {
      page?.close();
      await agent?.end();
      await sim.close();
    },
  };
}

/** @throws RangeError after a minute */
export const allPresent = ({ page, nests }: Line): Promise<void> =>
  page.until(
    "every nest has its unit",
    (view) => view.nests.filter(({ state }) => state === "present").length === nests,
  );
