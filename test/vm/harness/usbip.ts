import type { Machine } from "./machine.ts";

/**
 * Attaches busids of a USB/IP server on the host to the guest's kernel, and waits until it has enumerated them.
 * Returns the kernel's port paths, in the order of the busids.
 */
export async function attachUsbIp(
  machine: Machine,
  port: number,
  busids: readonly string[],
): Promise<string[]> {
  const paths: string[] = [];
  for (const busid of busids) {
    const script = `
      shopt -s nullglob
      attached() { local d; for d in /sys/devices/platform/vhci_hcd.*/usb*/*-*/*:1.0/..; do readlink -f "$d"; done; }
      before=" $(attached | xargs) "
      usbip --tcp-port ${port} attach -r 10.0.2.2 -b ${busid} || exit
      for try in {1..100}; do
        for device in $(attached); do
          [[ $before == *" $device "* ]] || { echo "\${device##*/}"; exit; }
        done
        sleep 0.1
      done
      echo "no device after usbip attach" >&2
      exit 1`;
    paths.push((await machine.check(script)).trim());
  }
  return paths;
}

/**
 * Attaches busids 1-1 to 1-`count` in one go, and waits until the guest's kernel has `expected` DFU interfaces, whatever they came by.
 * Who is where is for the listing to say.
 */
export async function attachAllUsbIp(
  machine: Machine,
  port: number,
  count: number,
  expected: number,
): Promise<void> {
  const script = `
    shopt -s nullglob
    for busid in 1-{1..${count}}; do
      # Fails while the kernel is at work on the last one.
      for try in {1..50}; do
        usbip --tcp-port ${port} attach -r 10.0.2.2 -b $busid && break
        sleep 0.1
      done
    done
    for try in {1..600}; do
      devices=$(grep -l "^fe$" /sys/bus/usb/devices/*:1.0/bInterfaceClass | wc -l)
      configured=$(ls -d /sys/bus/usb/devices/*:1.0 | wc -l)
      [[ $devices -ge ${expected} && $configured -ge ${expected} ]] && exit
      sleep 0.1
    done
    echo "$devices of ${expected} devices" >&2
    exit 1`;
  await machine.check(script, { seconds: 120 });
}
