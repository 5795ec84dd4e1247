/** Where a label printer takes ZPL. */
export interface PrinterAddress {
  readonly host: string;
  readonly port: number;
}

/** The port at which printers take what they print as it is (JetDirect). */
const RAW_PORT = 9100;
const ADDRESS = /^(?:\[([0-9a-f:.]+)\]|([^\s:[\]/]+))(?::(\d{1,5}))?$/i;

/** "192.168.7.20", "zebra-l3:9100", "[fd00::20]:9100"; undefined where it is no such address. */
export function readPrinterAddress(text: string): PrinterAddress | undefined {
  const [, literal, name, port] = ADDRESS.exec(text.trim()) ?? [];
  const host = literal ?? name;
  const number = port === undefined ? RAW_PORT : Number(port);
  if (host === undefined || number < 1 || number > 65_535) return undefined;
  return { host, port: number };
}

/** As a person writes it. */
export const printerText = ({ host, port }: PrinterAddress): string =>
  host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
