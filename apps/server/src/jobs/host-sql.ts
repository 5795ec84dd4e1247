import { type HostFingerprint, hostKey } from "@flashline/contract";
import { jsonText, plainText } from "../db/json-text.ts";
import { newId } from "../ids.ts";

/**
 * CTEs for the host that a unit hangs on, when `from` has a row; `place` has its id. A known host keeps its row unlocked; a new one
 * is added, or found when another start was faster.
 */
export const hostSql = (from: string): string => `
known AS (SELECT id FROM host WHERE key = :hostKey),
added AS (
  INSERT INTO host (id, key, machine, pci_address, controller, driver, virtual, fingerprint)
  SELECT :hostId::uuid, :hostKey, :machine, :pciAddress, :controller, :driver, :virtual::boolean, :fingerprint::jsonb
    FROM ${from}
   WHERE NOT EXISTS (SELECT 1 FROM known)
  ON CONFLICT (key) DO UPDATE SET driver = excluded.driver
  RETURNING id),
place AS (SELECT id FROM known UNION ALL SELECT id FROM added)`;

/** Names of the parameters that {@link hostSql} takes. */
export const HOST_PARAMETERS = [
  "hostKey",
  "hostId",
  "machine",
  "pciAddress",
  "controller",
  "driver",
  "virtual",
  "fingerprint",
] as const;

/** Of text about a host that has a column or is part of an index, UTF-16 units. */
const HOST_TEXT = 200;

/** Their values. A host that cannot be stored as it was told is no reason to refuse a result. */
export function hostValues(host: HostFingerprint, virtual: boolean) {
  const { pciAddress, vendorDevice, driver } = host.controller;
  return {
    hostKey: plainText(hostKey(host), 3 * HOST_TEXT),
    hostId: newId(),
    machine: plainText(host.machine, HOST_TEXT),
    pciAddress: plainText(pciAddress, HOST_TEXT),
    controller: plainText(vendorDevice, HOST_TEXT),
    driver: plainText(driver, HOST_TEXT),
    virtual,
    fingerprint: jsonText(host),
  };
}
