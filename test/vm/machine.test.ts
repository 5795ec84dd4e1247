import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bootMachine, type Machine } from "./harness/machine.ts";

let machine: Machine;
beforeAll(async () => {
  machine = await bootMachine();
});
afterAll(() => machine?.stop());

test("the machine has the host's files and cannot change them, one shared folder, and the kernel's USB/IP client", async () => {
  expect(await machine.check("uname -r")).toMatch(/amd64/);
  const own = import.meta.filename;
  expect(await machine.check(`cat ${own}; echo changed >${own}; cat ${own}`)).toMatch(/changed\n$/);
  expect(await readFile(own, "utf8")).not.toMatch(/changed\n$/);
  await machine.check("echo there >/vm/file");
  expect(await readFile(join(machine.folder, "file"), "utf8")).toBe("there\n");
  expect(await machine.check("ls /sys/bus/usb/devices")).toContain("usb1");
  await machine.check("ls -d /sys/devices/platform/vhci_hcd.0");
});

test("a command's status, both outputs and its time-out come back", async () => {
  const result = await machine.run("echo out; echo error >&2; exit 7");
  expect(result).toMatchObject({ status: 7, stdout: "out\n", stderr: "error\n" });
  expect(await machine.run("sleep 30", { seconds: 1 })).toMatchObject({ status: 124 });
  await expect(machine.check("exit 3")).rejects.toThrow(/status 3/);
});
