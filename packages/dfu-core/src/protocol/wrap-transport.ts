import type { DfuTransport } from "./transport.ts";

/**
 * `inner` with `changes` in place of its own methods. Methods that `changes` does not name go straight to `inner`, and getters among the changes
 * stay getters. What is built in layers needs no more than the layer's own methods, and a method added to the transport passes
 * through all of them.
 */
export function wrapTransport<T extends Partial<DfuTransport>>(
  inner: DfuTransport,
  changes: T,
): DfuTransport & T {
  const { powerCycle } = inner;
  const same: DfuTransport = {
    get descriptors() {
      return inner.descriptors;
    },
    get disconnectedMs() {
      return inner.disconnectedMs ?? 0;
    },
    controlOut: inner.controlOut.bind(inner),
    controlIn: inner.controlIn.bind(inner),
    selectAlternate: inner.selectAlternate.bind(inner),
    reset: inner.reset.bind(inner),
    reenumerate: inner.reenumerate.bind(inner),
    close: inner.close.bind(inner),
    ...(powerCycle && { powerCycle: powerCycle.bind(inner) }),
  };
  const wrapped: object = Object.defineProperties(same, Object.getOwnPropertyDescriptors(changes));
  return wrapped as DfuTransport & T;
}
