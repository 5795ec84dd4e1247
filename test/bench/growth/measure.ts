import { randomUUID } from "node:crypto";
import { ENDPOINTS, FlashlineError } from "@flashline/contract";
import { readToken, type SeededStation, type ServerProcess } from "@flashline/server/testing";
import type { GrownPlant } from "../../grown/plant.ts";
import { quantile } from "../server/figures.ts";
import { placesIn } from "./places.ts";
import { type Question, questionsOf } from "./questions.ts";

/** How often each question is asked; less often where it takes long. */
const TIMES = 40;
const FEWEST = 3;
const LONGEST_MS = 4_000;
const WARM = 2;

/** One row of the table, milliseconds. */
export interface GrowthFigure {
  readonly name: string;
  readonly p50: number;
  readonly p95: number;
  /** Bytes of an answer. */
  readonly bytes: number;
}

interface Answer {
  readonly ms: number;
  readonly bytes: number;
}

/** Rejects with `internal.bug` where the server does not answer with what was asked: the bench asks for nothing that may be refused. */
async function ask(server: ServerProcess, secret: string, question: Question): Promise<Answer> {
  const began = performance.now();
  const answer = await fetch(`${server.url}${question.path}`, {
    method: question.method,
    headers: {
      authorization: `Bearer ${secret}`,
      "flashline-protocol": "1",
      ...(question.body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(question.body === undefined ? {} : { body: JSON.stringify(question.body) }),
  });
  const bytes = (await answer.arrayBuffer()).byteLength;
  const ms = performance.now() - began;
  if (answer.status < 300 || answer.status === question.status) return { ms, bytes };
  const said = server.output().split("\n").slice(-4).join("\n");
  throw new FlashlineError("internal.bug", `${question.name}: ${answer.status}\n${said}`);
}

const figureOf = (name: string, answers: readonly Answer[]): GrowthFigure => ({
  name,
  p50: quantile(
    answers.map(({ ms }) => ms),
    0.5,
  ),
  p95: quantile(
    answers.map(({ ms }) => ms),
    0.95,
  ),
  bytes: answers.at(-1)?.bytes ?? 0,
});

async function measureOne(plant: GrownPlant, question: Question): Promise<GrowthFigure> {
  const station = plant.stations[question.station ?? 0];
  // A caller has so many requests a minute: each question has a caller of its own.
  const secret =
    question.station === undefined ? await readToken(plant.database) : (station?.credential ?? "");
  const answers: Answer[] = [];
  const began = performance.now();
  while (
    answers.length < WARM + FEWEST ||
    (answers.length < WARM + TIMES && performance.now() - began < LONGEST_MS)
  ) {
    answers.push(await ask(plant.server, secret, question));
  }
  return figureOf(question.name, answers.slice(WARM));
}

/** From the scan to the job in hand and back again, once at each station. The unit stays as it was. */
async function measureOrders(
  plant: GrownPlant,
  serials: readonly string[],
): Promise<readonly GrowthFigure[]> {
  const all = new Map<string, Answer[]>();
  const step = async (station: SeededStation, name: string, path: string, body: object) => {
    const question = { name, method: "POST", path, body };
    const answer = await ask(plant.server, station.credential, question);
    all.set(name, [...(all.get(name) ?? []), answer]);
  };
  for (const [at, station] of plant.stations.entries()) {
    const jobId = randomUUID();
    const serial = serials[at] ?? "";
    await step(station, "preflight", ENDPOINTS.preflight.path, { serial, nest: "A" });
    await step(station, "order a job", ENDPOINTS.createJob.path, { serial, nest: "A", jobId });
    await step(station, "get the job", ENDPOINTS.acquire.path, { freeNests: ["A"], waitMs: 5_000 });
    const why = { epoch: 1, code: "attempt.cancelled", message: "The bench gives it back." };
    await step(station, "give it back", ENDPOINTS.cancelJob.path.replace(":id", jobId), why);
  }
  return [...all].map(([name, answers]) => figureOf(name, answers.slice(WARM)));
}

const NEW_LINE = 10;

/** How long it takes to read the list of all units that were ever touched. */
export interface ListFigure {
  readonly units: number;
  readonly seconds: number;
}

/** Reads `containment.csv` of everything, as somebody does who has to call back all units. */
export async function measureList({ server, database }: GrownPlant): Promise<ListFigure> {
  const headers = { authorization: `Bearer ${await readToken(database)}` };
  const began = performance.now();
  const answer = await fetch(`${server.url}${ENDPOINTS.containmentList.path}`, { headers });
  if (answer.status !== 200 || answer.body === null)
    throw new FlashlineError("internal.bug", `The list of units was not given: ${answer.status}.`);
  // Ten million lines are longer than a string can be.
  let lines = 0;
  for await (const part of answer.body) for (const byte of part) if (byte === NEW_LINE) lines += 1;
  return { units: lines - 1, seconds: (performance.now() - began) / 1000 };
}

/** Asks everything that can be looked at, and takes a station's way to a job. */
export async function measureGrowth(
  plant: GrownPlant,
  only: string,
  say: (line: string) => void,
): Promise<readonly GrowthFigure[]> {
  const places = await placesIn(plant);
  const figures: GrowthFigure[] = [];
  for (const question of questionsOf(places, plant.imageSha256)) {
    if (!question.name.includes(only)) continue;
    const figure = await measureOne(plant, question);
    say(`${figure.p95.toFixed(0).padStart(6)} ms  ${figure.name}`);
    figures.push(figure);
  }
  if ("order a job".includes(only)) figures.push(...(await measureOrders(plant, places.waiting)));
  return figures;
}
