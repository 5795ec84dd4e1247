import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { UpdateProgress } from "@flashline/contract";
import { afterEach, beforeEach, expect, it } from "vitest";
import { readCurrent, writeCurrent } from "./current.ts";
import { openUpdates } from "./opened.ts";
import { saveState } from "./state.ts";

let versions: string;
beforeEach(async () => {
  versions = await mkdtemp(join(tmpdir(), "flashline-versions-"));
});
afterEach(() => rm(versions, { recursive: true, force: true }));

const NEW = "1.5.0-abababababab";
const progress: UpdateProgress = {
  id: "019f0000-0000-7000-8000-000000000001",
  step: "switching",
  percent: null,
  nest: null,
  code: null,
  detail: "",
  runs: "1.4.2",
};
const opened = (started: string, version: string) =>
  openUpdates({ launcher: 1, versions, started }, version);

it("a version that was switched to is on trial until it has said that it is healthy", async () => {
  await saveState(versions, { progress, name: NEW });
  await writeCurrent(versions, { name: NEW, state: "trial", starts: 1, previous: "package" });
  const updates = await opened(NEW, "1.5.0");
  expect([updates.onTrial, updates.state?.progress.step]).toEqual([true, "switching"]);
  await updates.isHealthy("1.5.0");
  expect([updates.onTrial, updates.state?.progress]).toMatchObject([
    false,
    { step: "done", runs: "1.5.0" },
  ]);
});

it("one that said so and died before it wrote that down is done all the same", async () => {
  await saveState(versions, { progress, name: NEW });
  await writeCurrent(versions, { name: NEW, state: "good", starts: 0, previous: "package" });
  const updates = await opened(NEW, "1.5.0");
  expect([updates.onTrial, updates.state?.progress.step]).toEqual([false, "done"]);
});

it("the version before hears from the launcher that the new one failed, and why, once", async () => {
  await saveState(versions, { progress, name: NEW });
  await mkdir(join(versions, NEW, "app"), { recursive: true });
  await writeFile(join(versions, "failed"), `${NEW}\n`);
  await writeFile(join(versions, "said"), "agent.journal: The journal cannot be written\n");
  await writeCurrent(versions, { name: "package", state: "good", starts: 0, previous: "package" });
  expect((await opened("package", "1.4.2")).state?.progress).toMatchObject({
    step: "failed",
    code: "update.did_not_start",
    runs: "1.4.2",
    detail: "agent.journal: The journal cannot be written",
  });
  // Pushed anew it is fetched anew.
  expect((await readdir(versions)).sort()).toEqual(["current", "update.json"]);
  expect((await opened("package", "1.4.2")).state?.progress.step).toBe("failed");
});

it("killed before the switch it goes on where it was", async () => {
  await saveState(versions, { progress, name: NEW });
  const updates = await opened("package", "1.4.2");
  expect([updates.onTrial, updates.state?.progress.step]).toEqual([false, "switching"]);
  expect(await updates.kept()).toEqual(new Set(["package", NEW]));
});

it("files that make no sense are as if they were not there", async () => {
  await writeFile(join(versions, "current"), "../../etc good 0");
  await writeFile(join(versions, "update.json"), "{");
  const updates = await opened("package", "1.4.2");
  expect([await readCurrent(versions), updates.state, updates.onTrial]).toEqual([
    ...[undefined, undefined],
    false,
  ]);
});
