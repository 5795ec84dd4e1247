import { BASE_RATE } from "../plant.ts";
import type { SecondRandom } from "./random.ts";

/** Boards of a panel. Hosts and orders count in panels. */
export const PANEL = 8;
/** Boards of an order, log-uniform. */
const BOARDS = [400, 5000] as const;
/** Shape of the gamma distribution from which an order's attraction comes. */
const ATTRACTION = 1.5;

export interface SecondOrder {
  readonly name: string;
  readonly rate: number;
  /** How readily any host takes it. */
  readonly attraction: number;
  /** Boards that no host has taken yet. */
  left: number;
}

/** The orders that are open at once, always as many. */
export class OpenOrders {
  readonly #random: SecondRandom;
  readonly #open: SecondOrder[] = [];
  #made = 0;

  constructor(count: number, random: SecondRandom) {
    this.#random = random;
    for (let k = 0; k < count; k += 1) this.#open.push(this.#begin(true));
  }

  /** Of an order that was begun before the plant was looked at, only a part is left. */
  #begin(isInWork: boolean): SecondOrder {
    const random = this.#random;
    this.#made += 1;
    const panels = Math.ceil(random.logBetween(BOARDS) / PANEL);
    const part = isInWork ? random.uniform() : 1;
    return {
      name: `order ${this.#made}`,
      rate: BASE_RATE,
      attraction: random.gamma(ATTRACTION),
      left: PANEL * Math.max(1, Math.ceil(panels * part)),
    };
  }

  /** An order that no host chooses: bad boards, for hosts that are told to work them off. */
  beside(rate: number): SecondOrder {
    this.#made += 1;
    return { name: `order ${this.#made}`, rate, attraction: 0, left: Number.POSITIVE_INFINITY };
  }

  /** By attraction; another than this one where there is another. */
  choose(not: SecondOrder | undefined): SecondOrder {
    if (this.#open.length === 1) return this.#open[0] as SecondOrder;
    const others = this.#open.filter((order) => order !== not);
    let at = this.#random.uniform() * others.reduce((sum, order) => sum + order.attraction, 0);
    const chosen = others.find((order) => {
      at -= order.attraction;
      return at < 0;
    });
    return chosen ?? (others[0] as SecondOrder);
  }

  /** A host takes a panel of the order; the next one opens with the last. */
  take(order: SecondOrder): void {
    order.left -= PANEL;
    const place = this.#open.indexOf(order);
    if (order.left <= 0 && place >= 0) this.#open[place] = this.#begin(false);
  }
}
