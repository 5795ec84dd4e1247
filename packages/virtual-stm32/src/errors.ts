/** A wrong argument of the caller (`usage.argument`) or a server that cannot do what it was asked (`sim.listen`). */
export type SimErrorCode = "usage.argument" | "sim.listen";

/** A request that the simulator refuses, or a server that it could not start. */
export class SimError extends Error {
  override readonly name = "SimError";
  readonly code: SimErrorCode;

  constructor(code: SimErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

export const usage = (message: string): SimError => new SimError("usage.argument", message);
