import type { AgentAbility, StationSetup } from "@flashline/contract";
import type { PublicKey } from "@flashline/signing";
import type { Logger } from "pino";
import type { ImageCache } from "../jobs/image-cache.ts";
import { fetchImage } from "../jobs/release-images.ts";
import type { Journal } from "../journal/journal.ts";
import type { ServerLink } from "../server/link.ts";
import { pcReading } from "./clock.ts";
import { type HeldGrants, openGrants } from "./grants.ts";
import { openKept } from "./kept.ts";
import { type GrantUpkeep, startUpkeep } from "./upkeep.ts";

export interface StationGrantsOptions {
  readonly dataDir: string;
  readonly identity: {
    readonly stationId: string;
    readonly station: string;
    readonly grantKey?: string | undefined;
  };
  readonly setup: () => StationSetup | undefined;
  readonly link: ServerLink;
  readonly journal: Journal;
  readonly cache: ImageCache;
  readonly abilities: readonly AgentAbility[];
  readonly pinnedKeys: () => Promise<readonly PublicKey[]>;
  readonly log: Logger;
  readonly onChange: () => void;
}

/** The grants of a station, as they were left, and what keeps them once it is started. */
export async function openStationGrants(
  options: StationGrantsOptions,
): Promise<HeldGrants & { startUpkeep(): GrantUpkeep }> {
  const { dataDir, identity, setup, link, journal, cache, abilities, pinnedKeys, log } = options;
  const kept = await openKept(dataDir);
  const reading = pcReading();
  const checks = {
    stationId: identity.stationId,
    station: identity.station,
    plant: () => setup()?.plant,
    key: () => identity.grantKey ?? kept.now.key ?? undefined,
    pinnedKeys,
  };
  const grants = await openGrants({
    ...checks,
    kept,
    journal,
    reading,
    onChange: options.onChange,
  });
  return Object.assign(grants, {
    startUpkeep: () =>
      startUpkeep({
        grants,
        kept,
        checks,
        link,
        log,
        reading,
        abilities,
        told() {
          const now = setup();
          return now === undefined ? undefined : (now.grants?.key ?? null);
        },
        async fetchImages({ release }, signal) {
          for (const image of release.manifest.images) {
            await fetchImage(image, { cache, link, log }, signal);
          }
        },
      }),
  });
}
