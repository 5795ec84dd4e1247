type Usb = typeof import("usb")["usb"];

/** The native package. It is loaded when a device is touched: a list of units comes from sysfs and needs none of it. */
export async function nativeUsb(): Promise<Usb> {
  return (await import("usb")).usb;
}
