import type { WorkOrderView } from "@flashline/contract";
import { count, counted } from "../../shared/format.ts";

/** Parts of the whole order, 0 … 1, and what is left of it in a sentence. */
export function progressOf(order: WorkOrderView): {
  readonly passed: number;
  readonly running: number;
  readonly sentence: string;
} {
  const passed = Math.min(1, order.passed / order.quantity);
  const running = Math.min(1 - passed, order.running / order.quantity);
  const left = order.quantity - order.passed;
  const sentence =
    left <= 0
      ? `Complete: ${counted(order.passed, "unit")} passed.`
      : order.state === "closed"
        ? `Closed with ${count(order.passed)} of ${counted(order.quantity, "unit")} passed.`
        : `${count(order.passed)} of ${counted(order.quantity, "unit")} passed, ${count(left)} to go.`;
  return { passed, running, sentence };
}
