import { FlashlineError } from "@flashline/contract";
import {
  type BankMode,
  type Image,
  PROFILES,
  type ProfileName,
  partOfImage,
  planFlash,
} from "@flashline/dfu-core";
import type { DeviceDescriptors } from "@flashline/dfu-core/protocol";

export interface AreaOptions {
  readonly descriptors: DeviceDescriptors;
  readonly chip: string;
  readonly profile: ProfileName;
  readonly bankMode?: BankMode | undefined;
  readonly areas: number;
  readonly turn: number;
}

/** The part of a release's image that one check flashes, and the sectors that it erases. */
export interface Area {
  readonly image: Image;
  /** Addresses. */
  readonly sectors: readonly number[];
}

/**
 * The area whose turn it is: the sectors that the image covers, divided into so many runs of neighbours, or into single sectors where it covers
 * fewer. So the erase cycles go around, and nothing is written that is not signed.
 * @throws DfuError as `planFlash`; FlashlineError `golden.release` where the image has nothing in flash.
 */
export function areaOf(image: Image, { areas, turn, profile, ...options }: AreaOptions): Area {
  const { sectors } = planFlash({
    ...options,
    image,
    profile: PROFILES[profile],
    knownDirty: true,
  });
  if (sectors.length === 0) {
    throw new FlashlineError("golden.release", "The release has nothing in flash to check with.");
  }
  const parts = Math.min(areas, sectors.length);
  const at = turn % parts;
  const mine = sectors.slice(
    Math.floor((at * sectors.length) / parts),
    Math.floor(((at + 1) * sectors.length) / parts),
  );
  const only = mine.map(({ address, size }) => ({ from: address, to: address + size - 1 }));
  return { image: partOfImage(image, { only }), sectors: mine.map(({ address }) => address) };
}
