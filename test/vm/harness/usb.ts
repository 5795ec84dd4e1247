/** A unit behind one of QEMU's own host controllers, reached over the usbredir protocol. */
export interface RedirectedUnit {
  /** TCP port on this host's loopback where the unit's usbredir server listens. */
  readonly port: number;
  readonly controller: ControllerModel;
  /** Of several controllers of that model; the first without it. */
  readonly controllerNumber?: number;
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
  const busOf = ({ controller, controllerNumber = 0 }: RedirectedUnit): string =>
    `${BUS[controller]}${controllerNumber === 0 ? "" : controllerNumber}`;
  const controllers = new Map(units.map((unit) => [busOf(unit), unit.controller]));
  const hubs = new Map<string, string>();
  for (const unit of units) {
    const { rootPort, hubPort } = unit;
    const bus = busOf(unit);
    if (hubPort !== undefined)
      hubs.set(`${bus}.0,port=${rootPort}`, `usb-hub,bus=${bus}.0,port-power=on`);
  }
  return [
    ...[...controllers].flatMap(([bus, model]) => [
      "-device",
      `${model},id=${bus},p2=${ROOT_PORTS},p3=${ROOT_PORTS}`,
    ]),
    ...[...hubs].flatMap(([place, device]) => ["-device", `${device},port=${place.split("=")[1]}`]),
    ...units.flatMap((unit, index) => [
      "-chardev",
      `socket,id=unit${index},host=127.0.0.1,port=${unit.port},reconnect=1`,
      "-device",
      `usb-redir,chardev=unit${index},bus=${busOf(unit)}.0,port=${[unit.rootPort, unit.hubPort].filter(Boolean).join(".")}`,
    ]),
  ];
}
