/** PCI-SIG vendor ids of USB host controllers, as people call them. */
const VENDORS: Readonly<Record<string, string>> = {
  "1022": "AMD",
  "1033": "NEC",
  "104c": "Texas Instruments",
  "106b": "Apple",
  "10de": "NVIDIA",
  "1106": "VIA",
  "14e4": "Broadcom",
  "1912": "Renesas",
  "1b21": "ASMedia",
  "1b36": "QEMU",
  "1b6f": "Etron",
  "1b73": "Fresco Logic",
  "1d94": "Hygon",
  "8086": "Intel",
};

/** "AMD 1022:15b8"; the driver where there is no PCI. `controller` is "vendor:device" in hexadecimal, or empty. */
export function controllerName(controller: string, driver: string): string {
  const vendor = VENDORS[controller.slice(0, 4).toLowerCase()];
  if (controller === "") return driver;
  return vendor === undefined ? controller : `${vendor} ${controller}`;
}

/**
 * Joins to each host `h` of a statement the name that people know, as `hn.name`, and its station, as `hn.station`. It is the station of its
 * machine, where the machine is one station, or the one that all its attempts came from (agents in containers and on cloned disks
 * share a machine id).
 */
export const HOST_NAME = `
CROSS JOIN LATERAL (
  SELECT o.station, coalesce(o.station, nullif(h.fingerprint ->> 'hostname', ''), h.machine) ||
         CASE WHEN EXISTS (SELECT FROM host other WHERE other.machine = h.machine AND other.id <> h.id)
              THEN ' · ' || h.pci_address ELSE '' END AS name
    FROM (SELECT coalesce(
      (SELECT min(s.name) FROM station s WHERE s.machine = h.machine HAVING count(*) = 1),
      (SELECT s.name FROM station s WHERE s.id = h.station_id)) AS station) o) hn`;
