/** How the link is used. Levers: packets a transfer, time between transfers, patience (rule 17, docs/protocol.md). */
export interface Profile {
  readonly name: ProfileName;
  /** Most bytes of one DNLOAD or UPLOAD; a multiple of every family's granule. The device's wTransferSize caps it. */
  readonly transferSize: number;
  /** Idle time before each control transfer. A wait for the device counts. */
  readonly gapMs: number;
  /** `increment` numbers full blocks upwards from one SET_ADDRESS; `every-block` addresses each one (rule 2, docs/protocol.md). */
  readonly addressing: "increment" | "every-block";
  /** Least time before a status is asked again, whatever the device announces. */
  readonly pollFloorMs: number;
  /** Factor on the announced poll time; never below 1 (rule 3, docs/protocol.md). */
  readonly pollScale: number;
  /** Time-out of transfers that make the device do nothing; a GETSTATUS that starts an operation has its own (budgets.ts). */
  readonly transferTimeoutMs: number;
  /** Link failures in this profile before the next gentler one is taken. */
  readonly patience: number;
  /** This share of the profile's transfers may fail before that, even if the count is higher. */
  readonly tolerates: number;
}

/** The pacing profiles, from the quickest to the most careful. */
export const PROFILE_NAMES = ["fast", "standard", "gentle", "crawl"] as const;
/** The name of a pacing profile; see {@link PROFILES}. */
export type ProfileName = (typeof PROFILE_NAMES)[number];

/** Time-out over a link that loses transfers, ms. Sixteen times the slowest answer that anybody measured: 1 KiB in 31 ms on G0B0. */
export const LOSSY_TIMEOUT_MS = 500;

/**
 * No source proves that smaller blocks and longer gaps help a bad controller. They do mean more transfers: `crawl` needs eight
 * times as many, so the step to it needs much evidence. The gentle profiles have short time-outs: their transfers are short, and
 * on a link that loses transfers a late answer never comes.
 */
export const PROFILES: Readonly<Record<ProfileName, Profile>> = {
  fast: {
    name: "fast",
    transferSize: 2048,
    gapMs: 0,
    addressing: "increment",
    pollFloorMs: 0,
    pollScale: 1,
    transferTimeoutMs: 2000,
    patience: 1,
    tolerates: 0,
  },
  standard: {
    name: "standard",
    transferSize: 2048,
    gapMs: 1,
    addressing: "increment",
    pollFloorMs: 1,
    pollScale: 1,
    transferTimeoutMs: 2000,
    patience: 1,
    tolerates: 0,
  },
  gentle: {
    name: "gentle",
    transferSize: 512,
    gapMs: 2,
    addressing: "every-block",
    pollFloorMs: 5,
    pollScale: 1.5,
    transferTimeoutMs: LOSSY_TIMEOUT_MS,
    patience: 20,
    tolerates: 0.1,
  },
  crawl: {
    name: "crawl",
    transferSize: 64,
    gapMs: 5,
    addressing: "every-block",
    pollFloorMs: 10,
    pollScale: 2,
    transferTimeoutMs: LOSSY_TIMEOUT_MS,
    patience: Number.POSITIVE_INFINITY,
    tolerates: 1,
  },
};

const stepFrom = (profile: Profile, by: 1 | -1): Profile | undefined => {
  const next = PROFILE_NAMES[PROFILE_NAMES.indexOf(profile.name) + by];
  return next === undefined ? undefined : PROFILES[next];
};

/** One step gentler; undefined for the gentlest. */
export const gentler = (profile: Profile): Profile | undefined => stepFrom(profile, 1);

/** One step faster; undefined for the fastest. */
export const faster = (profile: Profile): Profile | undefined => stepFrom(profile, -1);

/** The gentler of a profile and the one with this name. A name that nobody here knows counts for nothing. */
export function gentlerOf(own: ProfileName, name: string | undefined): ProfileName {
  const other = PROFILE_NAMES.find((known) => known === name);
  return other !== undefined && PROFILE_NAMES.indexOf(other) > PROFILE_NAMES.indexOf(own)
    ? other
    : own;
}
