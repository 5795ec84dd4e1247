import { FlashlineError } from "@flashline/contract";
import type { Clock } from "@flashline/dfu-core/protocol";
import { kernelUnits, pcClock, type UnitSource, usbIpUnits } from "@flashline/usb-host";

export interface SourceArguments {
  /** "HOST:PORT" of a USB/IP server; this PC's own ports when not given. */
  readonly usbip: string | undefined;
  /** How much faster than real time the virtual units' clock runs. */
  readonly clockSpeed: string | undefined;
}

export interface ChosenSource {
  readonly source: UnitSource;
  readonly clock: Clock;
  readonly virtual: boolean;
}

/** @throws FlashlineError `config.invalid`. */
export function chooseSource({ usbip, clockSpeed }: SourceArguments): ChosenSource {
  if (usbip === undefined) {
    if (clockSpeed !== undefined) {
      throw new FlashlineError(
        "config.invalid",
        "--clock-speed is for virtual units: give --usbip too.",
      );
    }
    return { source: kernelUnits(), clock: pcClock(), virtual: false };
  }
  const speed = clockSpeed === undefined ? 1 : Number(clockSpeed);
  if (!(speed > 0 && speed <= 1000)) {
    throw new FlashlineError("config.invalid", "--clock-speed must be between 0 and 1000.");
  }
  const { host, port } = addressOf(usbip);
  const source = usbIpUnits({
    host,
    port,
    timeScale: 1 / speed,
    rescanMs: Math.max(100, 1000 / speed),
  });
  return { source, clock: pcClock(speed), virtual: true };
}

function addressOf(text: string): { host: string; port: number } {
  const [, host = "", digits = ""] = /^(.+):(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  if (host === "" || port < 1 || port > 65_535) {
    throw new FlashlineError("config.invalid", `--usbip ${text}: give HOST:PORT.`);
  }
  return { host, port };
}
