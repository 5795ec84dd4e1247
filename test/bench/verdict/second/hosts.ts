import { modelName, type PlantOptions } from "../plant.ts";
import { OpenOrders, PANEL, type SecondOrder } from "./orders.ts";
import type { SecondRandom } from "./random.ts";

export const DAY_S = 86_400;
export const UNITS_A_DAY = 300;
const BETWEEN_UNITS_S = DAY_S / UNITS_A_DAY;
/** Of the time between two units, so much is left beside changing orders. */
const WORKING = 0.98;
/** Standard deviation of the logarithm of the time between two units. */
const UNEVEN = 0.4;
const CHANGE_OVER_S = 600;
/** Units that a host stays with an order, on average; exponential. */
const STAY = 150;
/** A host starts within the time of so many units. */
const FIRST_UNITS = 8;
const HOSTS_OF_LINE = 10;
const HOSTS_OF_ORDER = 10;
export const PORTS = 4;

/** Panels of an order that a host was told to work off, from a time on. */
interface Told {
  readonly order: SecondOrder;
  readonly fromS: number;
  panels: number;
}

export interface SecondHost {
  readonly index: number;
  readonly name: string;
  readonly line: string;
  readonly model: string;
  /** Of its healthy rate. */
  readonly factor: number;
  /** Seconds since the plant began, of its next unit. */
  nextS: number;
  /** The port of its next unit: they are used in turn. */
  port: number;
  /** The order that it chose, and panels until it chooses again. */
  chosen: SecondOrder | undefined;
  stay: number;
  readonly told: Told[];
  /** The panel in work: its order, its factor, and boards of it that are done. */
  order: SecondOrder | undefined;
  panelFactor: number;
  done: number;
}

/** The hosts at work: each takes one unit after the other at its own pace. */
export class Hosts {
  readonly #random: SecondRandom;
  readonly #panels: number;
  readonly orders: OpenOrders;
  readonly all: readonly SecondHost[];

  constructor(options: PlantOptions, random: SecondRandom) {
    const { hosts, spread, hostsOfOrder = HOSTS_OF_ORDER } = options;
    this.#random = random;
    this.#panels = spread.panels;
    this.orders = new OpenOrders(Math.max(1, Math.round(hosts / hostsOfOrder)), random);
    this.all = Array.from({ length: hosts }, (_, index) => ({
      index,
      name: `host ${index}`,
      line: `line ${Math.floor(index / HOSTS_OF_LINE)}`,
      model: modelName(index, options),
      factor: spread.hosts === 0 ? 1 : random.logNormal(spread.hosts),
      port: random.below(PORTS),
      nextS: random.uniform() * BETWEEN_UNITS_S * FIRST_UNITS,
      chosen: undefined,
      stay: 0,
      told: [],
      order: undefined,
      panelFactor: 1,
      done: PANEL,
    }));
  }

  /** The host whose unit is next. */
  next(): SecondHost {
    let next = this.all[0] as SecondHost;
    for (const host of this.all) if (host.nextS < next.nextS) next = host;
    return next;
  }

  /** The host takes its next board in hand: of which order, and what the panel makes of the rate. */
  take(host: SecondHost): { order: SecondOrder; panelFactor: number } {
    const nowS = host.nextS;
    const before = host.order;
    host.nextS += BETWEEN_UNITS_S * this.#random.logNormal(UNEVEN) * WORKING;
    if (before === undefined || host.done >= PANEL) {
      host.order = this.#panelOf(host, nowS);
      host.panelFactor = this.#random.factor(this.#panels);
      host.done = 0;
      if (host.order !== before) host.nextS += CHANGE_OVER_S;
    }
    host.done += 1;
    return { order: host.order as SecondOrder, panelFactor: host.panelFactor };
  }

  /** The order of the host's next panel: what it was told comes first. */
  #panelOf(host: SecondHost, nowS: number): SecondOrder {
    const told = host.told.find(({ fromS }) => fromS <= nowS);
    if (told !== undefined) {
      told.panels -= 1;
      if (told.panels === 0) host.told.splice(host.told.indexOf(told), 1);
      return told.order;
    }
    const { chosen } = host;
    const isOpen = chosen !== undefined && chosen.left > 0;
    const order = isOpen && host.stay > 0 ? chosen : this.#choose(host, isOpen);
    host.stay -= 1;
    this.orders.take(order);
    return order;
  }

  #choose(host: SecondHost, isOpen: boolean): SecondOrder {
    const order = this.orders.choose(isOpen ? host.chosen : undefined);
    host.chosen = order;
    host.stay = Math.max(1, Math.round((this.#random.exponential() * STAY) / PANEL));
    return order;
  }
}
