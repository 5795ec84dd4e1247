import { afterAll, beforeAll, expect, test } from "vitest";
import { bootMachine, type Machine } from "./harness/machine.ts";

let machine: Machine;
beforeAll(async () => {
  machine = await bootMachine();
});
afterAll(() => machine?.stop());

test("the machine has the host's files read-only, its own /run, and the kernel's USB/IP client", async () => {
  expect(await machine.check("uname -r")).toMatch(/amd64/);
  expect((await machine.run(`touch ${import.meta.filename}.new`)).stderr).toMatch(/Read-only/);
  expect(await machine.check("touch /run/x /mnt/y && ls /sys/bus/usb/devices")).toContain("usb1");
  expect(await machine.check("ls -d /sys/devices/platform/vhci_hcd.0")).not.toBe("");
});

test("a command's status, both outputs and its time-out come back", async () => {
  const result = await machine.run("echo out; echo error >&2; exit 7");
  expect(result).toMatchObject({ status: 7, stdout: "out\n", stderr: "error\n" });
  expect(await machine.run("sleep 30", { seconds: 1 })).toMatchObject({ status: 124 });
  await expect(machine.check("exit 3")).rejects.toThrow(/status 3/);
});
