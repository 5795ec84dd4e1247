import type { Visit } from "@flashline/verdict";
import { Random } from "./random.ts";

/** How healthy hosts and units differ. */
export interface Spread {
  /** Standard deviation of the logarithm of a host's rate. */
  readonly hosts: number;
  /** Coefficients of variation: of a panel's rate, and of a unit's. */
  readonly panels: number;
  readonly units: number;
  /** Amplitude of a day's swing, in parts of the rate. */
  readonly day: number;
}

export const IDEAL: Spread = { hosts: 0, panels: 0, units: 0, day: 0 };
export const REAL: Spread = { hosts: 0.2, panels: 0.7, units: 1, day: 0.3 };

/** From a day on some hosts have link incidents at another rate. */
export interface HostFault {
  readonly hosts: readonly number[];
  /** Only this port of them; else all. */
  readonly port?: number;
  /** Share of units with an incident. Undefined: nothing is broken, and the hosts are only watched. */
  readonly rate?: number;
  readonly fromDay: number;
  readonly toDay: number;
  /** Days in which the rate grows to what it is. */
  readonly rampDays?: number;
}

/** An order with bad boards, most of which one host works off. */
export interface BadBatch {
  readonly host: number;
  readonly rate: number;
  readonly fromDay: number;
}

export interface PlantOptions {
  readonly seed: number;
  readonly hosts: number;
  readonly days: number;
  readonly spread: Spread;
  readonly faults?: readonly HostFault[];
  readonly batches?: readonly BadBatch[];
  /** Hosts of one controller model. */
  readonly hostsOfModel?: number;
  /** Hosts that share an order, on average. */
  readonly hostsOfOrder?: number;
}

const UNITS_A_DAY = 300;
/** Share of units with a link incident while nothing is broken. */
export const BASE_RATE = 0.02;
const PORTS = 4;
/** Boards of a panel, which follow each other at one host. */
const PANEL = 8;
/** Panels that a host stays with an order: from the first, so many different numbers. */
const STAYS = [5, 40] as const;
/** Boards of an order, the same way. */
const BOARDS = [600, 3400] as const;
const BAD_BOARDS = 2 * UNITS_A_DAY;
/** Of the host's panels, and of any other host's, so many are of the bad batch while it lasts. */
const BAD_SHARES = [0.7, 0.01] as const;
const MOST_RATE = 0.95;
const DAY_MS = 24 * 3_600_000;

/** The controller model of the host in this place. */
export const modelName = (
  index: number,
  { hosts, hostsOfModel = hosts }: Pick<PlantOptions, "hosts" | "hostsOfModel">,
): string => `model ${Math.floor(index / hostsOfModel)}`;

interface Order {
  readonly name: string;
  readonly rate: number;
  /** How readily each host takes it. */
  readonly weights: readonly number[];
  left: number;
}

interface Host {
  readonly name: string;
  readonly model: string;
  readonly factor: number;
  order: Order;
  /** Boards left of the panel in work, and their factor. */
  panel: number;
  panelFactor: number;
  /** Panels left until the host looks for another order. */
  stay: number;
}

/** A visit with what the detectors are not told. */
export interface PlantVisit extends Visit {
  /** The host's place. */
  readonly index: number;
  readonly day: number;
}

/** A plant's floor: which order each host works on. */
class Floor {
  readonly #random: Random;
  readonly #options: PlantOptions;
  readonly #orders: Order[] = [];
  readonly hosts: readonly Host[];
  #made = 0;

  constructor(options: PlantOptions, random: Random) {
    this.#random = random;
    this.#options = options;
    const { hosts, spread, hostsOfOrder = 10 } = options;
    const atOnce = Math.max(1, Math.round(hosts / hostsOfOrder));
    for (let k = 0; k < atOnce; k += 1) this.#orders.push(this.newOrder());
    this.hosts = Array.from({ length: hosts }, (_, index) => ({
      name: `host ${index}`,
      model: modelName(index, options),
      factor: Math.exp(spread.hosts * random.normal()),
      order: this.#choose(index),
      panel: 0,
      panelFactor: 1,
      stay: 0,
    }));
  }

  newOrder(rate = BASE_RATE, left = BOARDS[0] + this.#random.below(BOARDS[1])): Order {
    this.#made += 1;
    const weights = Array.from({ length: this.#options.hosts }, () =>
      Math.exp(this.#random.normal()),
    );
    return { name: `order ${this.#made}`, rate, weights, left };
  }

  #choose(index: number): Order {
    const weights = this.#orders.map((order) => order.weights[index] ?? 0);
    let at = this.#random.unit() * weights.reduce((sum, weight) => sum + weight, 0);
    const place = weights.findIndex((weight) => {
      at -= weight;
      return at < 0;
    });
    return this.#orders[Math.max(0, place)] as Order;
  }

  /** The host begins a panel: of the bad batch, of its order, or of another one. */
  #begin(index: number, host: Host, bad: { of: BadBatch; order: Order } | undefined): void {
    host.panel = PANEL;
    host.panelFactor = this.#random.factor(this.#options.spread.panels);
    host.stay -= 1;
    const share = BAD_SHARES[bad?.of.host === index ? 0 : 1];
    if (bad !== undefined && bad.order.left > 0 && this.#random.unit() < share) {
      host.order = bad.order;
      host.stay = 0;
    } else if (host.stay <= 0 || host.order.left <= 0) {
      host.order = this.#choose(index);
      host.stay = STAYS[0] + this.#random.below(STAYS[1]);
    }
  }

  /** The host with its next board in hand. */
  next(index: number, bad: { of: BadBatch; order: Order } | undefined): Host {
    const host = this.hosts[index] as Host;
    if (host.panel === 0) this.#begin(index, host, bad);
    host.panel -= 1;
    host.order.left -= 1;
    const place = this.#orders.indexOf(host.order);
    if (host.order.left <= 0 && place >= 0) this.#orders[place] = this.newOrder();
    return host;
  }
}

/** A fault adds incidents of its own, whatever the boards are like: so many, that the host's rate is what was said. */
function addedRate(fault: HostFault | undefined, day: number): number {
  if (fault?.rate === undefined) return 0;
  const part = Math.min(1, (day - fault.fromDay) / (fault.rampDays ?? Number.MIN_VALUE));
  return (part * (fault.rate - BASE_RATE)) / (1 - BASE_RATE);
}

/** The visits of a plant, in order. Each unit goes to any of the hosts; the same seed gives the same plant. */
export function* plantOf(options: PlantOptions): Generator<PlantVisit> {
  const random = new Random(options.seed);
  const floor = new Floor(options, random);
  const { spread, faults = [], batches = [] } = options;
  const unitsADay = options.hosts * UNITS_A_DAY;
  const pending = [...batches];
  let bad: { of: BadBatch; order: Order } | undefined;
  for (let unit = 0; unit < unitsADay * options.days; unit += 1) {
    const day = unit / unitsADay;
    const [next] = pending;
    if (next !== undefined && day >= next.fromDay) {
      pending.shift();
      bad = { of: next, order: floor.newOrder(next.rate, BAD_BOARDS) };
    }
    const index = random.below(options.hosts);
    const { name, model, factor, panelFactor, order } = floor.next(index, bad);
    const port = random.below(PORTS);
    const fault = faults.find(
      (one) =>
        day >= one.fromDay &&
        day < one.toDay &&
        one.hosts.includes(index) &&
        (one.port ?? port) === port,
    );
    const swing = 1 + spread.day * Math.sin(2 * Math.PI * day);
    const boards = order.rate * factor * panelFactor * random.factor(spread.units) * swing;
    const well = (1 - Math.min(MOST_RATE, boards)) * (1 - addedRate(fault, day));
    yield {
      index,
      day,
      stratum: order.name,
      line: "line",
      pc: name,
      host: name,
      model,
      port: String(port),
      unit: String(unit),
      at: day * DAY_MS,
      incident: random.unit() >= well,
    };
  }
}
