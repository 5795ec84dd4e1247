import { type Clock, DfuRequest, DfuState, DfuStatus } from "@flashline/dfu-core/protocol";

/** How an application answers DETACH. */
export interface RunTimeTraits {
  /** bitWillDetach: it leaves the bus by itself; otherwise it waits for a reset. */
  readonly willDetach: boolean;
  /** wDetachTimeOut: how long it waits for that reset. */
  readonly detachTimeoutMs: number;
  /** Refuses DETACH. */
  readonly refuses?: boolean;
}

/** bmAttributes of an application: bitCanDnload, bitCanUpload, bitManifestationTolerant (USB DFU 1.1, table 4.2). */
const ATTRIBUTES = 1 | 2 | 4;
const WILL_DETACH = 8;

export const runTimeAttributes = ({ willDetach }: Pick<RunTimeTraits, "willDetach">): number =>
  ATTRIBUTES | (willDetach ? WILL_DETACH : 0);

/** The DFU interface of a running application: appIDLE and appDETACH (USB DFU 1.1, section 5.1 and figure A.1). */
export class RunTimeMachine {
  readonly #traits: RunTimeTraits;
  readonly #clock: Clock;
  /** It goes to DFU mode. */
  readonly #leave: () => void;
  readonly #reject: (why: string) => void;
  /** Until then a reset leads into DFU mode. */
  #detachesUntil = Number.NEGATIVE_INFINITY;

  constructor(
    traits: RunTimeTraits,
    clock: Clock,
    leave: () => void,
    reject: (why: string) => void,
  ) {
    this.#traits = traits;
    this.#clock = clock;
    this.#leave = leave;
    this.#reject = reject;
  }

  /** Undefined for a STALL. */
  in(request: number): Uint8Array | undefined {
    const state = this.#detaches ? DfuState.AppDetach : DfuState.AppIdle;
    if (request === DfuRequest.GetState) return Uint8Array.of(state);
    if (request === DfuRequest.GetStatus) return Uint8Array.of(DfuStatus.Ok, 0, 0, 0, state, 0);
    return this.#stall(request);
  }

  /** False for a STALL. */
  out(request: number, value: number): boolean {
    if (request !== DfuRequest.Detach) {
      this.#stall(request);
      return false;
    }
    const { refuses, willDetach, detachTimeoutMs } = this.#traits;
    if (refuses === true) return false;
    if (willDetach) this.#leave();
    else this.#detachesUntil = this.#clock.now() + Math.min(value, detachTimeoutMs);
    return true;
  }

  busReset(): void {
    if (this.#detaches) this.#leave();
  }

  get #detaches(): boolean {
    return this.#clock.now() < this.#detachesUntil;
  }

  #stall(request: number): undefined {
    this.#reject(`request ${request} while the application runs`);
    return undefined;
  }
}
