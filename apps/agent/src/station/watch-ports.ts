import type { UnitSource, UnitWatch } from "@flashline/usb-host";
import type { Teacher } from "../teach/teacher.ts";
import type { Board } from "./board.ts";

/** Tells the nests what is on their ports. `onRenamed`: ports have other names since, before the units are looked at. */
export function watchPorts(
  source: Pick<UnitSource, "watch">,
  teacher: Pick<Teacher, "onUnits" | "view">,
  board: Pick<Board, "onUnits" | "touch">,
  onRenamed: () => void,
): UnitWatch {
  return source.watch((units) => {
    const before = teacher.view.ports;
    if (teacher.onUnits(units)) onRenamed();
    board.onUnits(units);
    // A unit without a nest shows on the page of nests alone.
    if (before.length > 0 || teacher.view.ports.length > 0) board.touch();
  });
}
