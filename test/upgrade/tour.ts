import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { addUser } from "../e2e/support/people.ts";
import { addPlant, addRelease, firmware, LINE, PRODUCT, unitOf } from "../e2e/support/plant.ts";
import { type Rig, runProcess, startRig, until } from "../e2e/support/rig.ts";
import { startStation, type TestStation } from "../e2e/support/station.ts";
import { openWire } from "./wire.ts";

/**
 * A small plant at work, with the real server, agents and simulator of the checkout that this file lies in. `record.ts` copies it into
 * older checkouts, so that it may use only what their `test/e2e/support` has as well. It leaves MC2-000001, 3 and 6 passed, 2 failed, 4 cut
 * off by a power cut after its first erase, and 5 passed at a station whose server does not know it yet.
 *
 *     tour.ts FOLDER SERVER: records into FOLDER; SERVER is the flashline-server whose `backup` writes the states.
 */
const [folder = "", backupServer = ""] = process.argv.slice(2);

async function backUp(rig: Rig, name: string): Promise<void> {
  const to = join(folder, name);
  const env = { FLASHLINE_DATA: join(rig.folder, "server"), FLASHLINE_LOG_LEVEL: "warn" };
  const { code, output } = await runProcess(backupServer, ["backup", "--to", to], env);
  if (code !== 0) throw new RangeError(`backup: ${code}\n${output}`);
}

const ofUnit = (rig: Rig, serial: string, outcome: string) =>
  until(`the server has a ${outcome} of ${serial}`, async () => {
    const found = await unitOf(rig, serial);
    return found?.history[0]?.outcome === outcome ? found : undefined;
  });

/** What the pages of that version were answered. */
async function askPages(rig: Rig): Promise<Record<string, unknown>> {
  const { api } = rig;
  const units = (await api("units", { query: { limit: 100 } })).body;
  const orders = (await api("workOrders", { query: {} })).body;
  const attempts = (await api("attempts", { query: { limit: 100 } })).body;
  const releases = (await api("releases", { query: {} })).body;
  const yields = (await api("yield", { query: {} })).body;
  return { units, orders, attempts, releases, yields };
}

const order = (number: string, version: string, quantity: number) => ({
  order: { number, product: PRODUCT, version, quantity },
});

async function keepAgent(station: TestStation): Promise<void> {
  // As a power cut does: no agent says goodbye.
  await station.endAgent("SIGKILL");
  const to = join(folder, "agents", station.name);
  await mkdir(to, { recursive: true });
  await cp(station.dataDir, to, { recursive: true });
}

async function tour(rig: Rig, stations: TestStation[]): Promise<void> {
  await addPlant(rig);
  await addRelease(rig, "1.0.0", 1, firmware(6_000, 1));
  await addRelease(rig, "1.1.0", 2, firmware(256 * 1_024, 2));
  const anna = await addUser(rig, "anna", "admin");
  const old = await addRelease(rig, "0.9.0", 3, firmware(2_000, 3));
  await rig.api("revoke", { params: { id: old.id }, body: { reason: "wrong board" } });
  const openapi = await (await fetch(`${rig.url}/openapi.json`)).json();
  await writeFile(join(folder, "openapi.json"), JSON.stringify(openapi));

  // The first station's whole life crosses a wire that is kept, and the state right before it is backed up.
  const wire = await openWire(rig.url);
  const told: Rig = { ...rig, url: wire.url };
  const api: typeof rig.api = async (name, input) => {
    const answer = await rig.api(name, input);
    if (name === "addWorkOrder") await backUp(rig, "before");
    return answer;
  };
  const first = await startStation(
    { ...told, api },
    {
      name: "L3-01",
      line: LINE,
      ...order("WO-1", "1.0.0", 20),
      nests: 2,
      faults: ["unplug=4000:2"],
    },
  );
  stations.push(first);
  await first.flash("1", "MC2-000001");
  await ofUnit(rig, "MC2-000001", "PASS");
  await first.flash("2", "MC2-000002");
  await ofUnit(rig, "MC2-000002", "FAIL");
  await first.replaceUnit("1");
  // Passed already, which preflight refuses.
  await first.flash("1", "MC2-000001");
  await first.tell("acknowledge", { nest: "1" });
  await first.flash("1", "MC2-000003");
  await ofUnit(rig, "MC2-000003", "PASS");
  await until("the transcript is there", () =>
    wire.exchanges.some(({ url }) => url.endsWith("/transcript")) ||
    !JSON.stringify(openapi).includes("/transcript")
      ? true
      : undefined,
  );
  await first.close();
  await writeFile(join(folder, "wire.json"), JSON.stringify(wire.exchanges, null, 1));

  const second = await startStation(rig, {
    name: "L3-02",
    line: LINE,
    ...order("WO-2", "1.1.0", 2),
    nests: 1,
    speed: 1,
  });
  stations.push(second);
  await second.tell("scan", { text: "MC2-000004" });
  await second.untilNest("1", "ready");
  await second.tell("start");
  await until("the unit is being erased or written", async () =>
    (await readFile(join(second.dataDir, "journal.jsonl"), "utf8")).includes('"touched"')
      ? true
      : undefined,
  );
  await keepAgent(second);

  wire.onRequest = (method, url) =>
    Promise.resolve(method === "PUT" && url.endsWith("/result") ? 503 : undefined);
  const third = await startStation(told, {
    name: "L3-03",
    line: LINE,
    ...order("WO-3", "1.0.0", 5),
    nests: 1,
  });
  stations.push(third);
  await third.flash("1", "MC2-000005");
  await until("a result waits", async () =>
    (await third.view()).queuedResults > 0 ? true : undefined,
  );
  await keepAgent(third);

  // An order that is used up and closed.
  const fourth = await startStation(rig, {
    name: "L3-04",
    line: LINE,
    ...order("WO-4", "1.0.0", 1),
    nests: 1,
  });
  stations.push(fourth);
  await fourth.flash("1", "MC2-000006");
  await ofUnit(rig, "MC2-000006", "PASS");
  await fourth.close();
  const closing = (await rig.api("workOrders", { query: {} })).body.find(
    ({ number }) => number === "WO-4",
  );
  if (closing !== undefined) await rig.api("closeWorkOrder", { params: { id: closing.id } });

  await backUp(rig, "after");
  const pages = await askPages(rig);
  const about = { login: anna, pages };
  await writeFile(join(folder, "about.json"), JSON.stringify(about, null, 1));
  wire.close();
}

const rig = await startRig();
const stations: TestStation[] = [];
try {
  await tour(rig, stations);
} finally {
  await Promise.all(stations.map((station) => station.close().catch(() => undefined)));
  await rig.close();
}
