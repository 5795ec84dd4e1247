/** A unit behind one of QEMU's own host controllers, reached over the usbredir protocol. */
export interface RedirectedUnit {
  /** TCP port on this host's loopback where the unit's usbredir server listens. */
  readonly port: number;
  readonly controller: ControllerModel;
  /** Root port, from 1. */
  readonly rootPort: number;
  /** Port of a hub on the root port; without it the unit sits on the root port. */
  readonly hubPort?: number;
}

/** QEMU's models, and the PCI ids that the guest sees. */
export const ControllerModel = {
  /** 1033:0194, NEC/Renesas µPD720200. */
  Nec: "nec-usb-xhci",
  /** 1b36:000d, QEMU's own. */
  Qemu: "qemu-xhci",
} as const;
export type ControllerModel = (typeof ControllerModel)[keyof typeof ControllerModel];

const BUS: Record<ControllerModel, string> = { "nec-usb-xhci": "nec", "qemu-xhci": "qemu" };
const ROOT_PORTS = 8;

/** Controllers, hubs and units as QEMU arguments. QEMU's hub is a full-speed one without transaction translator, and switches each port by itself. */
export function usbArguments(units: readonly RedirectedUnit[]): string[] {
  const controllers = new Set(units.map(({ controller }) => controller));
  const hubs = new Map<string, string>();
  for (const { controller, rootPort, hubPort } of units) {
    const bus = BUS[controller];
    if (hubPort !== undefined)
      hubs.set(`${bus}.0,port=${rootPort}`, `usb-hub,bus=${bus}.0,port-power=on`);
  }
  return [
    ...[...controllers].flatMap((model) => [
      "-device",
      `${model},id=${BUS[model]},p2=${ROOT_PORTS},p3=${ROOT_PORTS}`,
    ]),
    ...[...hubs].flatMap(([place, device]) => ["-device", `${device},port=${place.split("=")[1]}`]),
    ...units.flatMap(({ port, controller, rootPort, hubPort }, index) => [
      "-chardev",
      `socket,id=unit${index},host=127.0.0.1,port=${port},reconnect=1`,
      "-device",
      `usb-redir,chardev=unit${index},bus=${BUS[controller]}.0,port=${[rootPort, hubPort].filter(Boolean).join(".")}`,
    ]),
  ];
}
