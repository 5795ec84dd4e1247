import type { VirtualUnit } from "../unit/virtual-unit.ts";
import type { ControlReply, SetupPacket } from "../usb/setup.ts";

export type Completion = Exclude<ControlReply, { readonly kind: "lost" }>;

export interface SessionEvents {
  complete(id: bigint, setup: SetupPacket, reply: Completion): void;
  /** The unit left the bus, or is another one now; nothing completes after this. */
  left(): void;
}

/** One host's hold on one unit: submitted transfers, the lost ones among them, and the unit's departure. */
export class ControlSession {
  readonly #unit: VirtualUnit;
  readonly #events: SessionEvents;
  readonly #deviceNumber: number;
  readonly #pending = new Map<
    bigint,
    { readonly setup: SetupPacket; readonly timer: AbortController }
  >();
  readonly #unwatch: () => void;
  #open = true;

  constructor(unit: VirtualUnit, events: SessionEvents) {
    this.#unit = unit;
    this.#events = events;
    // The machine whose kernel found the unit has configured it: usbip-host and usbredirhost hand over what they have.
    unit.configure();
    this.#deviceNumber = unit.deviceNumber;
    // A transfer in which the unit leaves is answered first.
    this.#unwatch = unit.onPresence(() => queueMicrotask(() => this.#look()));
  }

  /** A lost transfer stays pending until `cancel`, as on a real bus. */
  submit(id: bigint, setup: SetupPacket, data: Uint8Array): void {
    if (!this.#open) return;
    const same = this.#unit.deviceNumber === this.#deviceNumber;
    const reply: ControlReply = same ? this.#unit.handleControl(setup, data) : { kind: "gone" };
    const timer = new AbortController();
    this.#pending.set(id, { setup, timer });
    if (reply.kind === "lost") return;
    const afterMs = reply.kind === "gone" ? 0 : reply.afterMs;
    if (afterMs <= 0) {
      this.#complete(id, setup, reply);
      this.#look();
      return;
    }
    this.#unit.clock.sleep(afterMs, timer.signal).then(
      () => this.#complete(id, setup, reply),
      () => undefined,
    );
  }

  /** True when the transfer was still pending; it will not complete any more. */
  cancel(id: bigint): boolean {
    const pending = this.#pending.get(id);
    if (!pending) return false;
    this.#pending.delete(id);
    pending.timer.abort();
    return true;
  }

  close(): void {
    this.#open = false;
    this.#unwatch();
    for (const id of [...this.#pending.keys()]) this.cancel(id);
  }

  #complete(id: bigint, setup: SetupPacket, reply: Completion): void {
    if (!this.#pending.delete(id)) return;
    this.#events.complete(id, setup, reply);
  }

  #look(): void {
    if (!this.#open) return;
    if (this.#unit.onBus && this.#unit.deviceNumber === this.#deviceNumber) return;
    this.#open = false;
    this.#unwatch();
    for (const [id, { setup, timer }] of [...this.#pending]) {
      timer.abort();
      this.#complete(id, setup, { kind: "gone" });
    }
    this.#events.left();
  }
}
