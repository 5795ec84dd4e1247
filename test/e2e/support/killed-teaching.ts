import { expect } from "vitest";
import { type Death, expectAlive, NEST, plugIn, pullOut, runUntilKilled } from "./killed-line.ts";
import type { Line } from "./line.ts";
import { type Rig, until } from "./rig.ts";
import type { KillPoint } from "./traced.ts";

const PORT = "1-1";

/** The line's nest is taken away and taught again, by an agent that is killed at the point, and by its next life where it was. */
export async function oneTeaching(
  line: Line,
  rig: Rig,
  point: KillPoint,
): Promise<Death | undefined> {
  pullOut(line);
  const death = await runUntilKilled(line, point, async () => {
    await plugIn(line, Buffer.alloc(4));
    await line.page.tell("nests", { change: "remove", name: NEST });
    await line.page.until("there is no nest", ({ nests }) => nests.length === 0);
    await teach(line, rig);
  });
  try {
    if (death !== undefined) {
      await line.startAgent();
      // Whole, with the nest or without it.
      await line.page.until(
        "the nest is there, or its port",
        ({ nests, teach: { ports } }) => nests.length === 1 || ports.length > 0,
      );
      if (line.page.view.nests.length === 0) await teach(line, rig);
      await serverKnows(line, rig);
      expect(line.page.view.nests).toMatchObject([{ name: NEST, portPath: PORT }]);
      await line.endAgent();
    }
  } catch (cause) {
    const where = `teaching, killed at ${JSON.stringify({ point, ...death })}`;
    throw new RangeError(`${where}\n${line.agent.output().slice(-3_000)}`, { cause });
  }
  return death;
}

async function teach(line: Line, rig: Rig): Promise<void> {
  const { page } = line;
  await page.until("its port is there", ({ teach: { ports } }) => ports.length > 0);
  await page.tell("nests", { change: "teach", name: NEST, portPath: PORT });
  await page.until("the nest is there", ({ nests }) => nests.length === 1);
  await serverKnows(line, rig);
}

const serverKnows = (line: Line, { api }: Rig) =>
  until(`the server knows nest ${NEST} and no other`, async () => {
    expectAlive(line);
    const { body } = await api("goldenNests", { query: { station: line.name } });
    return body.map(({ nest }) => nest).join() === NEST ? true : undefined;
  });
