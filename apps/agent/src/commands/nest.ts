import {
  ErrorBody,
  FlashlineError,
  isKnownCode,
  NestChange,
  RefusedError,
  StationPageView,
} from "@flashline/contract";
import { pino } from "pino";
import type { Config } from "../config.ts";
import { serverLink } from "../server/link.ts";
import { chooseSource } from "../source.ts";
import { readIdentity, saveSetup } from "../station/identity.ts";
import { lockData } from "../station/lock.ts";
import { openTeacher, type Teacher } from "../teach/teacher.ts";
import { agentUrl } from "./agent-url.ts";

export type NestArguments = { readonly usbip: string | undefined } & (
  | { readonly act: "list" }
  /** Without a port: the one where the only unit without a nest is. */
  | { readonly act: "add"; readonly nest: string; readonly portPath: string | undefined }
  | { readonly act: "rename"; readonly nest: string; readonly to: string }
  | { readonly act: "remove"; readonly nest: string }
);

interface Nests {
  readonly nests: readonly { readonly name: string; readonly portPath: string }[];
  readonly teach: StationPageView["teach"];
}
/** How the nests are read and changed: by the agent that runs, or here. */
interface Hand {
  read(): Promise<Nests>;
  change(change: NestChange): Promise<void>;
}

const PATIENCE_MS = 15_000;

/**
 * Names this PC's nests, also while the agent runs: it does it then. Answers sentences for a person.
 * @throws FlashlineError `nest.…`, `config.invalid`, `agent.offline`, `agent.not_enrolled`; RefusedError with the server's reason.
 */
export async function nestCommand(
  config: Config,
  given: NestArguments,
): Promise<readonly string[]> {
  await readIdentity(config.dataDir);
  const lock = await lockData(config.dataDir).catch(() => undefined);
  try {
    return await act(lock === undefined ? byAgent(config) : await here(config, given.usbip), given);
  } finally {
    await lock?.release();
  }
}

async function act(hand: Hand, given: NestArguments): Promise<readonly string[]> {
  if (given.act !== "list") await hand.change(changeOf(given, await hand.read()));
  const { nests, teach } = await hand.read();
  return [
    ...nests.map(({ name, portPath }) => {
      const how = teach.bound.includes(name) ? "controller and port" : "bus number only";
      return `Nest ${name} is port ${portPath} (${how}).`;
    }),
    ...(nests.length === 0 ? ["This station has no nest."] : []),
    ...teach.ports.map(({ portPath }) => `Port ${portPath} has a unit and no nest.`),
  ];
}

function changeOf(
  given: Exclude<NestArguments, { act: "list" }>,
  { teach: { ports } }: Nests,
): NestChange {
  const wanted =
    given.act === "add"
      ? { change: "teach", name: given.nest, portPath: given.portPath ?? onlyPort(ports) }
      : given.act === "rename"
        ? { change: "rename", name: given.nest, to: given.to }
        : { change: "remove", name: given.nest };
  const read = NestChange.safeParse(wanted);
  if (read.success) return read.data;
  throw new FlashlineError("config.invalid", "A nest's name has 1 to 20 characters.");
}

function onlyPort(ports: Nests["teach"]["ports"]): string {
  const [only, ...more] = ports;
  if (only === undefined) throw new FlashlineError("nest.port_empty");
  if (more.length === 0) return only.portPath;
  const names = ports.map(({ portPath }) => portPath).join(", ");
  throw new FlashlineError("config.invalid", `Several ports have a unit: ${names}. Name one.`);
}

function byAgent(config: Config): Hand {
  async function ask(path: string, body?: NestChange): Promise<StationPageView> {
    const url = agentUrl(config, path);
    const post = {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    };
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const answer = await fetch(url, { ...(body && post), signal }).catch((cause: unknown) => {
      const message = `An agent runs on this data folder, and does not answer at ${url}. Set FLASHLINE_PORT as it has it.`;
      throw new FlashlineError("config.invalid", message, { cause });
    });
    const told: unknown = await answer.json().catch(() => undefined);
    const view = StationPageView.safeParse(told);
    if (answer.ok && view.success) return view.data;
    const refusal = ErrorBody.safeParse(told);
    if (refusal.success && isKnownCode(refusal.data.code))
      throw new RefusedError(answer.status, refusal.data);
    throw new FlashlineError(
      "config.invalid",
      `What answers at ${url} is no agent of this version.`,
    );
  }
  return {
    read: () => ask("/api/view"),
    change: async (change) => void (await ask("/api/nests", change)),
  };
}

async function here(config: Config, usbip: string | undefined): Promise<Hand> {
  const identity = await readIdentity(config.dataDir);
  const { source } = chooseSource({ usbip, clockSpeed: undefined });
  const units = await source.list().finally(() => source.close());
  const baseUrl = config.server ?? identity.server;
  const link = serverLink({ baseUrl, credential: identity.credential });
  const log = pino({ level: "silent" });
  const teacher: Teacher = await openTeacher(config.dataDir, source, log);
  let setup = (await link.call("setup", {})).body;
  teacher.onUnits(units);
  return {
    read: async () => ({ nests: teacher.applied(setup).nests, teach: teacher.view }),
    async change(change) {
      await teacher.change(change, {
        link,
        setup,
        nests: [],
        async take(told) {
          setup = told;
          await saveSetup(config.dataDir, told);
        },
      });
    },
  };
}
