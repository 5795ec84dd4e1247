import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { hardwareIds, isOtherHardware } from "./hardware.ts";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "flashline-hardware-"));
});
afterEach(() => rm(root, { recursive: true }));

/** A network card as the kernel shows it: a link in sys/class/net to where the card is. */
async function card(name: string, place: string, address: string, assigned = "0"): Promise<void> {
  const device = join(root, "sys/devices", place, "net", name);
  await mkdir(device, { recursive: true });
  await writeFile(join(device, "address"), `${address}\n`);
  await writeFile(join(device, "addr_assign_type"), `${assigned}\n`);
  await mkdir(join(root, "sys/class/net"), { recursive: true });
  const link = join("../../devices", place, "net", name);
  await symlink(link, join(root, "sys/class/net", name));
}

test("only built-in cards with an address of their own tell a PC, and their addresses stay secret", async () => {
  await card("eno1", "pci0000:00/0000:00:1f.6", "3c:97:0e:12:34:56");
  await card("wlp2s0", "pci0000:00/0000:02:00.0", "3c:97:0e:65:43:21");
  await card("enx1", "pci0000:00/0000:00:14.0/usb1/1-2/1-2:1.0", "00:e0:4c:68:00:01");
  await card("bond0", "pci0000:00/0000:03:00.0", "3c:97:0e:00:00:01", "1");
  await card("docker0", "virtual", "02:42:ac:11:00:02");
  await card("lo", "virtual", "00:00:00:00:00:00");
  const ids = hardwareIds(root);
  expect(ids).toHaveLength(2);
  expect(ids).toEqual([...ids].sort());
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{16}$/);
  expect(ids.join()).not.toContain("3c970e");
  expect(hardwareIds(join(root, "nothing"))).toEqual([]);
});

test("another PC shares no card; who has none, or exchanged one of two, is not told from itself", () => {
  expect(isOtherHardware(["a", "b"], ["c"])).toBe(true);
  expect(isOtherHardware(["a", "b"], ["b", "c"])).toBe(false);
  expect(isOtherHardware([], ["c"])).toBe(false);
  expect(isOtherHardware(["a"], [])).toBe(false);
});
