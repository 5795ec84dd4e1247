import { unitGeometry } from "../../plan/geometry.ts";
import { type Seen, start } from "../guards/start.ts";
import { getStatus, toIdle } from "../link/requests.ts";
import { persist } from "../link/retry.ts";
import { getCommands } from "../link/shared-buffer.ts";
import { finish } from "../machine/finish.ts";
import type { ChipOptions, InfoReport, UnitInfo } from "../machine/options.ts";
import { createRun, type Work } from "../machine/run.ts";

/** What the unit says of itself; changes nothing but a dfuERROR that an earlier host left. */
export function* infoMachine(options: ChipOptions & Seen): Work<InfoReport> {
  const run = createRun(options.descriptors, options.profile);
  let info: UnitInfo | undefined;
  const report = yield* finish(run, true, function* () {
    const geometry = unitGeometry(options);
    yield* start(run, options);
    const commands = yield* persist(run, { what: "Get Commands", address: 0, alternate: 0 }, () =>
      getCommands(run),
    );
    yield* toIdle(run);
    const { state, status } = yield* getStatus(run);
    run.link.setState(undefined);
    info = {
      identity: run.device.identity,
      state,
      status,
      commands: [...commands],
      memories: geometry.memories,
      unread: geometry.unread,
      untoldBytes: geometry.untoldBytes,
      transferSize: run.device.transferSize,
    };
  });
  return info === undefined ? report : { ...report, info };
}
