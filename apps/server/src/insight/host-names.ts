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
 * For a WITH clause: every host with the name that people know. It is its station's, where its machine is one station, or where
 * all its attempts came from one (agents in containers and on cloned disks share a machine id).
 */
export const HOST_NAMES = `
host_name AS (
  SELECT h.id, s.name AS station,
         coalesce(s.name, nullif(h.fingerprint ->> 'hostname', ''), h.machine) ||
         CASE WHEN count(*) OVER (PARTITION BY h.machine) > 1 THEN ' · ' || h.pci_address ELSE '' END
           AS name
    FROM host h LEFT JOIN LATERAL (
      SELECT min(s.name) AS name FROM station s WHERE s.machine = h.machine
      HAVING count(*) = 1) m ON true
    LEFT JOIN LATERAL (
      SELECT min(s.name) AS name FROM station s JOIN (
        SELECT DISTINCT a.station_id FROM attempt a WHERE m.name IS NULL AND a.host_id = h.id
      ) w ON w.station_id = s.id
      HAVING count(*) = 1) t ON true
    CROSS JOIN LATERAL (SELECT coalesce(m.name, t.name) AS name) s)`;
