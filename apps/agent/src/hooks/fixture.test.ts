import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createFixture } from "./fixture.ts";
import { type HookCommands, readHooks } from "./hooks-file.ts";
import { runHook } from "./run-hook.ts";

const log = pino({ level: "silent" });
const UNIT = { nest: "1", serial: "MC2-1", portPath: "3-1.2" };
const never = new AbortController().signal;

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "flashline-hooks-"));
  file = join(folder, "out");
});
afterEach(async () => {
  vi.useRealTimers();
  await rm(folder, { recursive: true });
});

const script = (text: string, seconds = 10) => ({ command: ["/bin/sh", "-c", text], seconds });
const written = (): Promise<string> => readFile(file, "utf8");
const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

describe("a command for the fixture", () => {
  it("hears of the unit in its environment, and of nothing else that the agent was given", async () => {
    process.env["FLASHLINE_DATA"] = "/secret";
    const end = await runHook(script(`env > ${file}`), { FLASHLINE_SERIAL: "MC2-1" });
    delete process.env["FLASHLINE_DATA"];
    expect(end).toEqual({ kind: "done" });
    expect(await written()).toContain("FLASHLINE_SERIAL=MC2-1\n");
    expect(await written()).not.toContain("secret");
  });

  it("is run through no shell unless one is asked for", async () => {
    const command = [
      process.execPath,
      "-e",
      "require('fs').writeFileSync(process.argv[1], process.argv[2])",
    ];
    await runHook({ command: [...command, file, "$HOME; exit 3"], seconds: 10 }, {});
    expect(await written()).toBe("$HOME; exit 3");
    const shell = `printf %s "$FLASHLINE_NEST" > ${file}`;
    expect(await runHook({ shell, seconds: 10 }, { FLASHLINE_NEST: "a; b" })).toEqual({
      kind: "done",
    });
    expect(await written()).toBe("a; b");
  });

  it("says why it refuses in the first line of its standard error", async () => {
    const said = "echo >&2; echo 'lid is open' >&2; echo more >&2; exit 4";
    expect(await runHook(script(said), {})).toEqual({ kind: "refused", said: "lid is open" });
    expect(await runHook(script("exit 4"), {})).toMatchObject({ said: "It ended with 4." });
    const none = { command: [join(folder, "none")], seconds: 1 };
    expect(await runHook(none, {})).toMatchObject({
      kind: "refused",
      said: expect.stringContaining("ENOENT"),
    });
  });

  it("is killed with all that it started when its time is over", async () => {
    // Its time is over once it has started something, however long a shell takes for that.
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const running = runHook(script(`sleep 60 & echo $! > ${file}; wait`, 0.4), {});
    // Turns of the event loop: a poll of vitest moves the time of the test.
    const isWritten = () =>
      written()
        .then((text) => text.endsWith("\n"))
        .catch(() => false);
    while (!(await isWritten())) await new Promise(setImmediate);
    const pid = Number(await written());
    vi.advanceTimersByTime(399);
    expect(isAlive(pid)).toBe(true);
    vi.advanceTimersByTime(1);
    expect(await running).toEqual({ kind: "late" });
    vi.useRealTimers();
    await expect.poll(() => isAlive(pid)).toBe(false);
  });

  it("does not hold up the agent by what it leaves behind", async () => {
    const began = performance.now();
    await runHook(script(`sleep 60 >&2 & echo $! > ${file}`), {});
    expect(performance.now() - began).toBeLessThan(20_000);
    process.kill(Number(await written()));
  });

  it("ends with the job that it was run for", async () => {
    const asked = new AbortController();
    const running = runHook(script("sleep 60"), {}, asked.signal);
    asked.abort(new RangeError("cancelled"));
    await expect(running).rejects.toThrow("cancelled");
  });
});

describe("a fixture", () => {
  const noting = (name: string, seconds = 0): { command: string[]; seconds: number } =>
    script(
      `sleep ${seconds}; echo "${name} $FLASHLINE_NEST $FLASHLINE_OUTCOME $FLASHLINE_CODE" >> ${file}`,
    );

  it("is prepared and released, one command of a nest after the other", async () => {
    const hooks = {
      beforeStart: noting("before"),
      afterPass: noting("pass", 0.3),
      afterFail: noting("fail"),
    };
    const fixture = createFixture(hooks, log);
    await fixture.prepare(UNIT, never);
    fixture.release(UNIT, "PASS", null);
    await fixture.prepare(UNIT, never);
    fixture.release(UNIT, "FAIL", "link.lost");
    fixture.release(UNIT, "STOPPED", "attempt.cancelled");
    await fixture.idle();
    expect((await written()).split("\n").map((line) => line.trim())).toEqual([
      ...["before 1", "pass 1 PASS", "before 1", "fail 1 FAIL link.lost"],
      ...["fail 1 STOPPED attempt.cancelled", ""],
    ]);
  });

  it("that is not ready, or does not answer, lets nothing start", async () => {
    const hooks: HookCommands = { beforeStart: script("echo 'no air' >&2; exit 1") };
    await expect(createFixture(hooks, log).prepare(UNIT, never)).rejects.toMatchObject({
      code: "fixture.refused",
      message: "no air",
    });
    const late = createFixture({ beforeStart: script("sleep 60", 0.2) }, log);
    await expect(late.prepare(UNIT, never)).rejects.toMatchObject({ code: "fixture.timeout" });
  });

  it("that cannot be released, and one without commands, change nothing", async () => {
    const broken = createFixture({ afterPass: { command: ["/none"], seconds: 1 } }, log);
    broken.release(UNIT, "PASS", null);
    await broken.idle();
    const none = createFixture({}, log);
    await none.prepare(UNIT, never);
    none.release(UNIT, "FAIL", "link.lost");
    await none.idle();
    await pause(1);
  });
});

describe("hooks.json", () => {
  const given = async (content: string) => {
    await writeFile(join(folder, "hooks.json"), content);
    return await readHooks(folder);
  };

  it("may be missing, and gives ten seconds where it says none", async () => {
    expect(await readHooks(folder)).toEqual({});
    expect(await given('{"beforeStart": {"command": ["/bin/true"]}}')).toEqual({
      beforeStart: { command: ["/bin/true"], seconds: 10 },
    });
  });

  it.each([
    ["no JSON", "beforeStart"],
    ["a name that nothing has", '{"before": {"command": ["/bin/true"]}}'],
    ["a line where a program is meant", '{"afterPass": {"command": "true"}}'],
    ["a program and a shell", '{"afterPass": {"command": ["a"], "shell": "b"}}'],
    ["more than a minute", '{"afterPass": {"command": ["a"], "seconds": 90}}'],
  ])("is refused with %s", async (_what, content) => {
    await expect(given(content)).rejects.toMatchObject({ code: "config.invalid" });
  });
});
