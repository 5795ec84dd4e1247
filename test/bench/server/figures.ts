/** The value below which that share of the values lies; 0 without values. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

/** What one phase under load showed. */
export interface LoadFigures {
  readonly units: number;
  readonly seconds: number;
  /** From the order to the job at its station, milliseconds. */
  readonly inHand: readonly number[];
  /** From the result to its acknowledgement, milliseconds. */
  readonly acknowledged: readonly number[];
}

/** What a phase cost, over all its units. */
export interface Cost {
  /** Milliseconds of processor time. */
  readonly serverMs: number;
  readonly databaseMs: number;
  /** Without BEGIN, COMMIT and the like. */
  readonly statements: number;
  /** Committed ones. */
  readonly transactions: number;
}

/** One row of the table. */
export interface ServerFigure {
  readonly name: string;
  /** A second. */
  readonly floor: number;
  readonly full: LoadSummary;
  readonly half: LoadSummary;
}

/** A phase under load in the figures that the table shows; each cost is of one unit. */
export interface LoadSummary extends Cost {
  /** Units a second. */
  readonly rate: number;
  readonly inHand: readonly [p50: number, p99: number];
  readonly acknowledged: readonly [p50: number, p99: number];
}

/** A phase under load and what it cost. */
export interface Phase {
  readonly load: LoadFigures;
  readonly cost: Cost;
}

/** Several phases as if they were one. */
export function together(phases: readonly Phase[]): Phase {
  const sum = (value: (phase: Phase) => number) =>
    phases.reduce((total, phase) => total + value(phase), 0);
  return {
    load: {
      units: sum(({ load }) => load.units),
      seconds: sum(({ load }) => load.seconds),
      inHand: phases.flatMap(({ load }) => load.inHand),
      acknowledged: phases.flatMap(({ load }) => load.acknowledged),
    },
    cost: {
      serverMs: sum(({ cost }) => cost.serverMs),
      databaseMs: sum(({ cost }) => cost.databaseMs),
      statements: sum(({ cost }) => cost.statements),
      transactions: sum(({ cost }) => cost.transactions),
    },
  };
}

/** A phase in the figures of the table. */
export function summarise({ load, cost }: Phase): LoadSummary {
  const each = (total: number) => total / Math.max(1, load.units);
  return {
    rate: load.units / load.seconds,
    inHand: [quantile(load.inHand, 0.5), quantile(load.inHand, 0.99)],
    acknowledged: [quantile(load.acknowledged, 0.5), quantile(load.acknowledged, 0.99)],
    serverMs: each(cost.serverMs),
    databaseMs: each(cost.databaseMs),
    statements: each(cost.statements),
    transactions: each(cost.transactions),
  };
}
