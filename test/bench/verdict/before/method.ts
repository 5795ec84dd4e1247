import type { Method, Move } from "../methods.ts";
import type { PlantVisit } from "../plant.ts";
import { type HostTables, judgeTables } from "./judge.ts";

const WINDOW_MS = 14 * 24 * 3_600_000;
/** Units of each host from one judgement to the next: judging is what this method costs. */
const JUDGED_EVERY = 30;

interface Count {
  units: number;
  incidents: number;
}

const add = (count: Count, incident: boolean, sign: 1 | -1): void => {
  count.units += sign;
  if (incident) count.incidents += sign;
};

/** Counts by host and stratum over the window, so that no judgement reads the window's visits again. */
class Window {
  readonly #visits: PlantVisit[] = [];
  #gone = 0;
  readonly #strata = new Map<string, Count>();
  readonly #hosts = new Map<string, Map<string, Count>>();

  add(visit: PlantVisit): void {
    this.#visits.push(visit);
    this.#count(visit, 1);
    for (
      let old = this.#visits[this.#gone];
      old !== undefined && visit.at - old.at >= WINDOW_MS;
    ) {
      this.#count(old, -1);
      this.#gone += 1;
      old = this.#visits[this.#gone];
    }
  }

  #count({ host, stratum, incident }: PlantVisit, sign: 1 | -1): void {
    const cells = this.#hosts.get(host) ?? new Map<string, Count>();
    this.#hosts.set(host, cells);
    for (const counts of [this.#strata, cells]) {
      const count = counts.get(stratum) ?? { units: 0, incidents: 0 };
      counts.set(stratum, count);
      add(count, incident, sign);
    }
  }

  tables(): readonly HostTables[] {
    return [...this.#hosts].map(([host, cells]): HostTables => {
      const strata = [...cells].flatMap(([stratum, here]) => {
        const all = this.#strata.get(stratum) ?? here;
        const table = {
          hereUnits: here.units,
          hereIncidents: here.incidents,
          elsewhereUnits: all.units - here.units,
          elsewhereIncidents: all.incidents - here.incidents,
        };
        return table.hereUnits > 0 && table.elsewhereUnits > 0 ? [table] : [];
      });
      const sum = (of: (table: (typeof strata)[number]) => number) =>
        strata.reduce((total, table) => total + of(table), 0);
      return {
        host,
        strata,
        units: sum((table) => table.hereUnits),
        incidents: sum((table) => table.hereIncidents),
        expected: sum(
          (table) => (table.hereUnits * table.elsewhereIncidents) / table.elsewhereUnits,
        ),
      };
    });
  }
}

/** What the server did before: the stratified exact test over the last fourteen days. It judges from a day on; what is before it is history. */
export function methodBefore(fromDay: number): Method {
  const window = new Window();
  const rungs = new Map<string, Move["to"]>();
  let waiting = 0;
  return {
    receive(visit) {
      window.add(visit);
      if (!rungs.has(visit.host)) rungs.set(visit.host, "OK");
      waiting += 1;
      if (visit.day < fromDay || waiting < JUDGED_EVERY * rungs.size) return [];
      waiting = 0;
      return judgeTables(window.tables()).flatMap(({ host, verdict: to }): Move[] => {
        const from = rungs.get(host) ?? "OK";
        rungs.set(host, to);
        return from === to ? [] : [{ level: "host", name: host, from, to }];
      });
    },
    repaired: () => undefined,
    blame: () => undefined,
  };
}
