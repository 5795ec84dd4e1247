/**
 * What the first reported attempt of a unit within a stratum showed. Later tries of the unit are shown to people and are no visits:
 * whether there is a later one depends on how the first one went.
 */
export interface Visit {
  /** What had the same boards and the same firmware: release and batch; where no batch is known, release and work order. */
  readonly stratum: string;
  readonly line: string;
  readonly pc: string;
  /** Machine and controller together. */
  readonly host: string;
  /** Controller model: vendor and device of the PCI function. */
  readonly model: string;
  /** The hub of the host that the port is on; undefined for a port of the controller itself. */
  readonly hub?: string | undefined;
  /** Path of the port that the nest is bound to. */
  readonly port: string;
  readonly unit: string;
  /** The link had to be recovered, slowed down or was lost. */
  readonly incident: boolean;
  /** When the latest of the results up to this one was received, ms since 1970. Ascends from visit to visit. */
  readonly at: number;
  /** When this one was received, where that was before `at`: two results may be counted in another order than they were received in. */
  readonly receivedAt?: number | undefined;
}
