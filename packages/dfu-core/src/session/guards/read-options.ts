import { DfuError } from "../../errors.ts";
import { complementErrors, type OptionBlocks } from "../../options/codec.ts";
import { type OptionMemory, type OptionZone, schemaOf } from "../../options/locate.ts";
import { differences, type OptionSettings, parseSettings } from "../../options/values.ts";
import { readBlock } from "../link/blocks.ts";
import { persist } from "../link/retry.ts";
import type { Run, Work } from "../machine/run.ts";

/** One zone in one UPLOAD: ROMs take option bytes only whole (AN2662, section 4.4.1). */
const readZone = (run: Run, alternate: number, zone: OptionZone): Work<Uint8Array> => {
  const { address, length } = zone;
  return persist(run, { what: "read option bytes", address, alternate }, () =>
    readBlock(run, alternate, address, length),
  );
};

/** Every zone. After a drop in between, all of them again. */
export function* readBlocks(run: Run, { alternate, zones }: OptionMemory): Work<OptionBlocks> {
  for (;;) {
    const { arrivals } = run.link;
    const blocks: Uint8Array[] = [];
    for (const zone of zones) blocks.push(yield* readZone(run, alternate, zone));
    if (run.link.arrivals === arrivals) return blocks;
  }
}

/** Throws `options.mismatch` when the unit's option bytes are not as expected, `options.complement` when they are corrupt. */
export function* expectOptions(
  run: Run,
  memory: OptionMemory,
  expected: OptionSettings,
): Work<void> {
  const schema = schemaOf(memory);
  const blocks = yield* readBlocks(run, memory);
  const corrupt = complementErrors(schema, blocks);
  if (corrupt.length > 0) throw corruptOptions(corrupt);
  const wrong = differences(schema, blocks, parseSettings(schema, blocks, expected));
  if (wrong.length > 0) throw new DfuError("options.mismatch", wrong.join("; "));
}

export const corruptOptions = (registers: readonly string[]): DfuError =>
  new DfuError("options.complement", `${registers.join(", ")} and the complement do not match`);
