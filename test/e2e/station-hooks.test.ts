import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { addPlant, addRelease, firmware, LINE, PRODUCT } from "./support/plant.ts";
import { type Rig, startRig, until } from "./support/rig.ts";
import { startStation, type TestStation } from "./support/station.ts";

describe("a fixture that the agent's commands move", () => {
  let rig: Rig;
  let station: TestStation;
  let notes: string;

  beforeAll(async () => {
    rig = await startRig();
    await addPlant(rig);
    await addRelease(rig, "2.8.1", 1, firmware(24_000, 1));
    const order = { number: "WO-31", product: PRODUCT, version: "2.8.1", quantity: 10 };
    const faults = ["stuck=0x08001000/255:2"];
    station = await startStation(rig, { name: "L3-31", line: LINE, order, faults });
    notes = join(station.dataDir, "notes");
    const note = 'echo "$FLASHLINE_HOOK $FLASHLINE_SERIAL $FLASHLINE_OUTCOME $FLASHLINE_CODE"';
    const noting = { shell: `${note} >> ${notes}; exit 3` };
    const before = {
      shell: `${note} >> ${notes}; [ "$FLASHLINE_SERIAL" != MC2-000009 ] || { echo lid is open >&2; exit 1; }`,
    };
    const hooks = { beforeStart: before, afterPass: noting, afterFail: noting };
    await station.endAgent();
    await writeFile(join(station.dataDir, "hooks.json"), JSON.stringify(hooks));
    await station.startAgent();
    await until("the station knows its order", async () => {
      return (await station.view()).workOrder ?? undefined;
    });
  });
  afterAll(async () => {
    await station?.close();
    await rig?.close();
  });
  const noted = async (line: string) =>
    await until(`the note ${line}`, async () => {
      const lines = (await readFile(notes, "utf8")).split("\n").map((one) => one.trim());
      return lines.includes(line) ? lines : undefined;
    });

  it("is not ready: nothing is started, the nest says why, and the unit may come again", async () => {
    const refused = await station.flash("1", "MC2-000009");
    expect(refused).toMatchObject({
      state: "refused",
      refusal: { code: "fixture.refused", detail: "lid is open" },
    });
    await noted("afterFail MC2-000009 STOPPED fixture.refused");
    await station.tell("acknowledge", { nest: "1" });
  });

  it("hears of PASS and FAIL, and changes neither", async () => {
    expect((await station.flash("1", "MC2-000001")).state).toBe("pass");
    await noted("afterPass MC2-000001 PASS");
    const failed = await station.flash("2", "MC2-000002");
    expect(failed.state).toBe("fail");
    const code = failed.state === "fail" ? failed.refusal.code : "";
    expect((await noted(`afterFail MC2-000002 FAIL ${code}`)).slice(0, 3)).toEqual([
      ...["beforeStart MC2-000009", "afterFail MC2-000009 STOPPED fixture.refused"],
      "beforeStart MC2-000001",
    ]);
  });
});
