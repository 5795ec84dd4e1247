import {
  BASE_RATE,
  type BadBatch,
  type HostFault,
  type PlantOptions,
  type PlantVisit,
} from "../plant.ts";
import { DAY_S, Hosts, PORTS, type SecondHost, UNITS_A_DAY } from "./hosts.ts";
import { PANEL } from "./orders.ts";
import { SecondRandom } from "./random.ts";

/** Boards of a bad batch, log-uniform. */
const BAD_BOARDS = [300, 1500] as const;
/** Of them, this part is its host's. */
const OWN = [0.6, 0.85] as const;
/** Other hosts that share the rest: from the first, so many different numbers. */
const HELPERS = [2, 4] as const;
/** They begin within this part of the time that its host needs. */
const BEGUN_BY = 0.8;
const MOST_RATE = 0.999;

/** Its host works the batch off at a stretch, and so does each of a few others with its part of the rest. */
function begin({ host, rate }: BadBatch, nowS: number, hosts: Hosts, random: SecondRandom): void {
  const panels = Math.round(random.logBetween(BAD_BOARDS) / PANEL);
  const own = Math.round(panels * random.between(OWN));
  const rest = panels - own;
  const free = hosts.all.filter(({ index }) => index !== host);
  const count = Math.min(rest, free.length, HELPERS[0] + random.below(HELPERS[1]));
  const few: SecondHost[] = [];
  while (few.length < count) few.push(...free.splice(random.below(free.length), 1));
  const order = hosts.orders.beside(rate);
  hosts.all[host]?.told.push({ order, fromS: nowS, panels: own });
  const latestS = BEGUN_BY * ((own * PANEL) / UNITS_A_DAY) * DAY_S;
  for (const [at, helper] of few.entries()) {
    const part = Math.floor(rest / count) + (at < rest % count ? 1 : 0);
    helper.told.push({ order, fromS: nowS + random.uniform() * latestS, panels: part });
  }
}

/** Added to what its boards and the host itself cause, so that together the host's rate is what was said. */
function addedRate(fault: HostFault | undefined, { factor }: SecondHost, day: number): number {
  if (fault?.rate === undefined) return 0;
  const { rampDays = 0, rate, fromDay } = fault;
  const part = rampDays === 0 ? 1 : Math.min(1, (day - fromDay) / rampDays);
  const healthy = BASE_RATE * factor;
  return (part * Math.max(0, rate - healthy)) / (1 - healthy);
}

/**
 * The visits of a plant, in order, by another author's simulator: it was written from a description of such plants, without sight of the
 * first one. Each host keeps its own time. The same seed gives the same plant.
 */
export function* secondPlantOf(options: PlantOptions): Generator<PlantVisit> {
  const { spread, faults = [], batches = [] } = options;
  const random = new SecondRandom(String(options.seed));
  const hosts = new Hosts(options, random);
  const pending = [...batches];
  for (let unit = 0; ; unit += 1) {
    const host = hosts.next();
    const atS = host.nextS;
    const day = atS / DAY_S;
    if (day >= options.days) return;
    if (pending[0] !== undefined && day >= pending[0].fromDay)
      begin(pending.shift() as BadBatch, atS, hosts, random);
    const { index, name, line, model, port } = host;
    const { order, panelFactor } = hosts.take(host);
    const swing = 1 + spread.day * Math.sin(2 * Math.PI * day);
    const boards = order.rate * host.factor * panelFactor * random.factor(spread.units) * swing;
    let incident = random.uniform() < Math.min(MOST_RATE, boards);
    host.port = (port + 1) % PORTS;
    const fault = faults.find(
      (one) => day >= one.fromDay && day < one.toDay && one.hosts.includes(index),
    );
    const added = addedRate(fault, host, day);
    if (added > 0 && (fault?.port ?? port) === port && random.uniform() < added) incident = true;
    yield {
      index,
      day,
      stratum: order.name,
      line,
      pc: name,
      host: name,
      model,
      port: `1-${port + 1}`,
      unit: String(unit),
      at: Math.round(1000 * atS),
      incident,
    };
  }
}
