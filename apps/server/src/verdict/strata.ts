import type { Table } from "./tables.ts";

/** A unit at a host: had its attempts there at least one link incident, and what became of it? */
export interface HostRow {
  readonly host: string;
  readonly unit: string;
  /** Release with batch, or with work order where no batch is known. */
  readonly stratum: string;
  readonly incident: boolean;
  /** It failed here and never passed here. */
  readonly failed: boolean;
  /** It failed here and passed at another host. */
  readonly passedElsewhere: boolean;
}

/** A host's counts, and those of all others in the strata where both worked. */
export interface HostTables {
  readonly host: string;
  /** Distinct units here, in all strata. */
  readonly units: number;
  readonly incidents: number;
  /** Only strata with units here and elsewhere; a unit counts once a stratum. */
  readonly strata: readonly Table[];
  readonly compared: {
    /** Distinct units here in those strata, and those with an incident. */
    readonly units: number;
    readonly incidents: number;
    /** Units of the other hosts in those strata; one that was at several of them counts once for each. */
    readonly elsewhereUnits: number;
    readonly elsewhereIncidents: number;
    /** Incidents that `units` would have had at the others' rates. */
    readonly expected: number;
  };
  /** Distinct units here that no other host's units can be compared with. */
  readonly withoutComparison: number;
  /** Distinct units, in all strata, that failed here and never passed here. */
  readonly failed: number;
  /** How many of those passed at another host. */
  readonly passedElsewhere: number;
}

interface Cell {
  readonly units: Set<string>;
  readonly incidents: Set<string>;
}

interface Counted {
  readonly cells: Map<string, Cell>;
  readonly failed: Set<string>;
  readonly passedElsewhere: Set<string>;
}

const union = (sets: Iterable<ReadonlySet<string>>) => new Set([...sets].flatMap((s) => [...s]));

function entryOf<V>(map: Map<string, V>, key: string, make: () => V): V {
  const found = map.get(key) ?? make();
  map.set(key, found);
  return found;
}

function collect(hosts: Map<string, Counted>, rows: readonly HostRow[]): void {
  for (const row of rows) {
    const host = entryOf(hosts, row.host, () => ({
      cells: new Map(),
      failed: new Set(),
      passedElsewhere: new Set(),
    }));
    const cell = entryOf(host.cells, row.stratum, () => ({
      units: new Set<string>(),
      incidents: new Set<string>(),
    }));
    cell.units.add(row.unit);
    if (row.incident) cell.incidents.add(row.unit);
    if (!row.failed) continue;
    host.failed.add(row.unit);
    if (row.passedElsewhere) host.passedElsewhere.add(row.unit);
  }
}

/** Units and incidents of all hosts together, by stratum. */
function totalsOf(hosts: Iterable<Counted>): Map<string, { units: number; incidents: number }> {
  const totals = new Map<string, { units: number; incidents: number }>();
  for (const host of hosts) {
    for (const [stratum, cell] of host.cells) {
      const total = entryOf(totals, stratum, () => ({ units: 0, incidents: 0 }));
      total.units += cell.units.size;
      total.incidents += cell.incidents.size;
    }
  }
  return totals;
}

/** Tables out of rows that come in parts: a grown plant has so many that all at once would hold up everything else. */
export interface TableMaker {
  add(rows: readonly HostRow[]): void;
  /** One entry a host, in the order of first appearance; each is worked out when it is asked for. */
  tables(): Iterable<HostTables>;
}

export function tableMaker(): TableMaker {
  const hosts = new Map<string, Counted>();
  return {
    add: (rows) => collect(hosts, rows),
    *tables() {
      const totals = totalsOf(hosts.values());
      for (const [host, counted] of hosts) yield tablesOfHost(host, counted, totals);
    },
  };
}

function tablesOfHost(
  host: string,
  { cells, failed, passedElsewhere }: Counted,
  totals: ReadonlyMap<string, { readonly units: number; readonly incidents: number }>,
): HostTables {
  const shared = [...cells].flatMap(([stratum, cell]) => {
    const total = totals.get(stratum) ?? { units: 0, incidents: 0 };
    const table: Table = {
      hereUnits: cell.units.size,
      hereIncidents: cell.incidents.size,
      elsewhereUnits: total.units - cell.units.size,
      elsewhereIncidents: total.incidents - cell.incidents.size,
    };
    return table.elsewhereUnits > 0 ? [{ cell, table }] : [];
  });
  const sum = (pick: (table: Table) => number) =>
    shared.reduce((total, { table }) => total + pick(table), 0);
  const units = union([...cells.values()].map((cell) => cell.units));
  const compared = union(shared.map(({ cell }) => cell.units));
  return {
    host,
    units: units.size,
    incidents: union([...cells.values()].map((cell) => cell.incidents)).size,
    strata: shared.map(({ table }) => table),
    compared: {
      units: compared.size,
      incidents: union(shared.map(({ cell }) => cell.incidents)).size,
      elsewhereUnits: sum((t) => t.elsewhereUnits),
      elsewhereIncidents: sum((t) => t.elsewhereIncidents),
      expected: sum((t) => (t.hereUnits * t.elsewhereIncidents) / t.elsewhereUnits),
    },
    withoutComparison: units.size - compared.size,
    failed: failed.size,
    passedElsewhere: passedElsewhere.size,
  };
}
