import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { afterEach, beforeEach, expect, it } from "vitest";
import { startZplPrinter, statusOf } from "../labels/zpl-printer.ts";
import { serverLink } from "../server/link.ts";
import { ORDER_HERE, setupOf } from "../station/testing.ts";
import { examineClock } from "./clock.ts";
import { ok, warn } from "./finding.ts";
import { examineHooks } from "./hooks.ts";
import { examineKernelLog } from "./kernel-log.ts";
import { examinePrinter } from "./printer.ts";
import { startDoctorReports } from "./reports.ts";
import { UDEV_RULE, writeUdevRule } from "./udev-rule.ts";
import { examineUsbAccess } from "./usb-access.ts";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "flashline-doctor-"));
});
afterEach(() => rm(root, { recursive: true }));

/** A device as sysfs shows it, and its node. */
async function device(name: string, attributes: Readonly<Record<string, string>>): Promise<void> {
  const real = join(root, "sys/devices/pci0000:00/0000:00:14.0/usb3", name);
  await mkdir(join(real, "power"), { recursive: true });
  for (const [key, value] of Object.entries({ busnum: "3", devnum: "9", ...attributes })) {
    await writeFile(join(real, key), `${value}\n`);
  }
  await mkdir(join(root, "sys/bus/usb/devices"), { recursive: true });
  await symlink(real, join(root, "sys/bus/usb/devices", name));
  await mkdir(join(root, "dev/bus/usb/003"), { recursive: true });
  await writeFile(join(root, "dev/bus/usb/003/009"), "");
}

it("says which commands the fixture has, and which of them cannot be run", async () => {
  expect(await examineHooks(root)).toEqual([]);
  const write = (content: string) => writeFile(join(root, "hooks.json"), content);
  const beforeStart = { command: [join(root, "clamp"), "close"] };
  await write(JSON.stringify({ beforeStart, afterFail: { shell: "lamp red", seconds: 2 } }));
  expect(await examineHooks(root)).toEqual([
    warn("fixture", `beforeStart runs ${root}/clamp, which is not there or may not be run.`),
    ok("fixture", "afterFail runs /bin/sh, 2 s at most."),
  ]);
  await write("{");
  expect(await examineHooks(root)).toMatchObject([{ level: "fail" }]);
});

it("names units that the kernel may suspend, and no others", async () => {
  const unit = { idVendor: "0483", idProduct: "df11" };
  await device("3-1", { ...unit, "power/control": "auto", "power/autosuspend_delay_ms": "2000" });
  await device("3-2", { ...unit, "power/control": "on", "power/autosuspend_delay_ms": "2000" });
  await device("3-3", { ...unit, "power/control": "auto", "power/autosuspend_delay_ms": "-1000" });
  const findings = await examineUsbAccess(root);
  expect(findings.filter(({ name }) => name === "autosuspend")).toEqual([
    warn(
      "autosuspend",
      `The kernel may suspend the unit at 3-1. Run as root: flashline-agent doctor --write-udev-rule. It adds: ${UDEV_RULE}`,
    ),
  ]);
});

it("reads what the kernel said of its controllers, each sort of it once", async () => {
  const path = join(root, "kmsg");
  await writeFile(
    path,
    [
      "3,812,5012;xhci_hcd 0000:00:14.0: Error while assigning device slot ID: No Slots Available",
      "3,813,5013;xhci_hcd 0000:00:14.0: Error while assigning device slot ID: No Slots Available",
      "6,814,5014;usb 3-1: new full-speed USB device number 9 using xhci_hcd",
    ].join("\n"),
  );
  const [slots, ...others] = await examineKernelLog(path);
  expect(others).toEqual([]);
  expect(slots?.level).toBe("warn");
  expect(slots?.sentence).toContain("no slot left");
  await writeFile(path, "6,1,1;usb 3-1: new full-speed USB device number 9\n");
  expect((await examineKernelLog(path)).map(({ level }) => level)).toEqual(["ok"]);
  expect(await examineKernelLog(join(root, "closed"))).toEqual([]);
});

it("compares the clock with the server's", async () => {
  let skewS = 0;
  const server = createServer((_, response) => {
    response.setHeader("date", new Date(Date.now() + skewS * 1_000).toUTCString());
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  expect(await examineClock(url)).toEqual(ok("clock", "As the server's."));
  skewS = 90;
  expect((await examineClock(url))?.sentence).toMatch(
    /^This PC's clock is (89|90|91) s slow\. Let/,
  );
  skewS = -30;
  expect(await examineClock(url)).toMatchObject({ level: "ok" });
  server.close();
  expect(await examineClock(url)).toBeUndefined();
});

it("writes the udev rule that it asks for, and says when it may not", async () => {
  await expect(writeUdevRule(root)).rejects.toThrow(
    /^The rules cannot be written: .* Run it as root\.$/,
  );
  await mkdir(join(root, "etc/udev/rules.d"), { recursive: true });
  await writeUdevRule(root);
  const text = await readFile(join(root, "etc/udev/rules.d/60-flashline.rules"), "utf8");
  expect(text).toContain(`\n${UDEV_RULE}\n`);
});

it("looks once for all who ask at once, and tells the server", async () => {
  const told: string[] = [];
  const server = createServer((request, response) => {
    request.on("data", (chunk: Buffer) => told.push(`${request.method} ${chunk.toString()}`));
    request.on("end", () => response.writeHead(204).end());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const link = serverLink({
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  });
  let looks = 0;
  const examine = () => {
    looks += 1;
    return Promise.resolve([warn("clock", "It is slow.")]);
  };
  const reports = startDoctorReports({ examine, link, log: pino({ level: "silent" }) });
  const [one, other] = await Promise.all([reports.look(), reports.look()]);
  expect(one).toBe(other);
  expect(looks).toBe(1);
  await expect.poll(() => told).toEqual([`PUT ${JSON.stringify(one)}`]);
  expect(one.findings).toEqual([{ name: "clock", level: "warn", sentence: "It is slow." }]);
  await reports.stop();
  server.close();
});

it("says where labels cannot be printed, and nothing where none is wanted", async () => {
  const wants = setupOf({ workOrder: { ...ORDER_HERE, label: true } });
  expect(await examinePrinter(undefined, undefined)).toMatchObject({ level: "ok" });
  expect(await examinePrinter(undefined, wants)).toMatchObject({
    level: "warn",
    sentence: expect.stringContaining("FLASHLINE_PRINTER"),
  });
  const printer = await startZplPrinter();
  expect(await examinePrinter(printer.address, wants)).toMatchObject({ level: "ok" });
  printer.status = statusOf({ paperOut: true });
  expect(await examinePrinter(printer.address, wants)).toMatchObject({
    level: "warn",
    sentence: expect.stringContaining("no paper"),
  });
  await printer.close();
  expect(await examinePrinter(printer.address, wants)).toMatchObject({
    level: "warn",
    sentence: expect.stringContaining("ECONNREFUSED"),
  });
});
