import { equal } from "node:assert/strict";
import { DfuState } from "@flashline/dfu-core/protocol";
import type { Check } from "./checks.ts";
import { getState } from "./dfuse.ts";

const HELD_MS = 400;

/** What a transport over a kernel does besides: there other programs may hold a unit. */
export const KERNEL_CHECKS: readonly Check[] = [
  {
    name: "opening waits a moment for who still holds the unit",
    async run(transport, bench) {
      const opening = bench.open();
      setTimeout(() => void transport.close(), HELD_MS);
      const next = await opening;
      try {
        equal(await getState(next), DfuState.Idle);
      } finally {
        await next.close();
      }
    },
  },
];
