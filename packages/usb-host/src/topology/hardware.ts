import { createHash } from "node:crypto";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";

/** More cards than a line PC has. */
const MOST = 32;

/**
 * What tells this PC from a copy of its disk in another one: its built-in network cards, each by a digest of 16 hexadecimal digits that
 * does not give its address away. Cards on USB, which move from PC to PC, and addresses that software made up are left out
 * (`addr_assign_type`, Documentation/ABI/testing/sysfs-class-net). A container has no such card: the list is empty.
 */
export function hardwareIds(root = "/"): readonly string[] {
  const folder = join(root, "sys/class/net");
  const ids = listed(folder).flatMap((name) => idOf(join(folder, name)) ?? []);
  return [...new Set(ids)].sort().slice(0, MOST);
}

/** Whether two PCs are certainly not the same one: both have cards, and share none. A card that was exchanged alone changes nothing. */
export const isOtherHardware = (one: readonly string[], other: readonly string[]): boolean =>
  one.length > 0 && other.length > 0 && !one.some((id) => other.includes(id));

function listed(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function idOf(card: string): string | undefined {
  try {
    // Where the card is: "../../devices/pci0000:00/0000:00:1f.6/net/eno1"; a bridge or a tunnel is in devices/virtual.
    const isElsewhere = /\/(usb\d*|virtual)\//.test(readlinkSync(card));
    const isPermanent = readFileSync(join(card, "addr_assign_type"), "utf8").trim() === "0";
    const address = readFileSync(join(card, "address"), "utf8").trim();
    if (isElsewhere || !isPermanent || /^(00:?)+$/.test(address)) return undefined;
    return createHash("sha256").update(`flashline-pc:${address}`).digest("hex").slice(0, 16);
  } catch {
    return undefined;
  }
}
