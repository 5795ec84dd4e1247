import { ENDPOINTS, type EndpointName } from "@flashline/contract";
import type { Places } from "./places.ts";

type Table = typeof ENDPOINTS;
/** Whatever can be looked at: a new endpoint of the contract does not compile here until it is asked. */
type GetName = {
  [N in EndpointName]: Table[N]["method"] extends "GET" ? N : never;
}[EndpointName];

/** One request that is measured. */
export interface Question {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  /** As which caller; a station's questions come from the station at that place. */
  readonly station?: number;
  readonly body?: unknown;
  /** A refusal that is the answer. */
  readonly status?: number;
}

type Asked =
  | readonly (readonly [about: string, rest: string])[]
  | `by a ${"station" | "person" | "browser" | "publisher"}`;

/** What is asked of each endpoint, as the part behind its path. */
const asked = (at: Places) =>
  ({
    setup: "by a station",
    image: "by a station",
    session: [["", ""]],
    loginWays: [["", ""]],
    startProviderLogin: "by a browser",
    finishProviderLogin: "by a browser",
    endProviderLogin: "by a browser",
    ownSessions: "by a person",
    people: [["", "?state=all"]],
    person: [["nobody", "/nobody"]],
    sessions: [["", ""]],
    tokens: [["", "?state=all"]],
    keys: [["", ""]],
    keyRadius: [["of no key", "/0000000000000000/radius"]],
    badges: [["", "?state=all"]],
    badgeKeys: [["", ""]],
    stationBadges: "by a station",
    stationControllers: "by a station",
    stations: [["", ""]],
    plants: [["", ""]],
    lines: [["", ""]],
    lineRetirement: [["", `/${at.line}/retirement`]],
    plantRetirement: [["", "/Graz/retirement"]],
    previewMove: [["", `/${at.station}/move?line=L3`]],
    plans: [["", ""]],
    pace: [["of a line", "?line=L3"]],
    products: [["", ""]],
    ranges: [["", ""]],
    units: [
      ["first page", ""],
      ["200 rows", "?limit=200"],
      ...(at.unitInMiddle === null ? [] : [["deep page", `?after=${at.unitInMiddle}`] as const]),
      ["passed", "?state=passed"],
      ["failed", "?state=failed"],
      ["unknown", "?state=unknown"],
      ["new", "?state=new"],
      ["in work", "?state=in%20work"],
      ["by serial", "?sort=serial"],
      ["by serial, failed", "?sort=-serial&state=failed"],
      ["by serial, of thirty days", "?sort=-serial&window=last-30-days"],
      ["by serial upwards, of thirty days", "?sort=serial&window=last-30-days"],
      ["by serial, of a station today", `?sort=serial&station=${at.station}&window=today`],
      ["the oldest first", "?sort=worked"],
      ["search, one", `?search=${at.serial}`],
      ["search, all", "?search=GR"],
      ["search, none", "?search=ZZ"],
      ["search, a thousand", `?search=${at.serial.slice(0, -3)}`],
      ["search, a hundred thousand", `?search=${at.serial.slice(0, -5)}`],
      ["search, failed", "?search=GR&state=failed"],
      ["search, unknown", "?search=GR&state=unknown"],
      ["of a station today", `?station=${at.station}&window=today`],
      ["of thirty days", "?window=last-30-days&only=first"],
    ],
    unitsList: [["of a station today", `?station=${at.station}&window=today`]],
    unit: [
      ["", `/${at.unit}`],
      ["many incidents", `/${at.longUnit}`],
    ],
    workOrders: [
      ["first page", ""],
      ["deep page", `?after=${at.middleOrder}`],
      ["the first first, deep", `?sort=created&after=${at.middleOrder}`],
      ["by number, deep", `?sort=number&after=${at.middleOrder}`],
      ["the last number first", "?sort=-number"],
      ["open ones first", "?sort=state"],
      ["by state, deep", `?sort=-state&after=${at.middleOrder}`],
      ["by product", "?sort=product"],
      ["by product, deep", `?sort=-product&after=${at.middleOrder}`],
    ],
    releases: [
      ["first page", ""],
      ["of a product", "?product=GROWN-1"],
      ["deep page", `?after=${at.middleRelease}`],
      ["the first first", "?sort=created"],
      ["by version", "?sort=version"],
      ["by version, deep", `?sort=-version&after=${at.middleRelease}`],
      ["by version, of a product", "?sort=-version&product=GROWN-1"],
      ["by product", "?sort=product"],
      ["by product, deep", `?sort=-product&after=${at.middleRelease}`],
    ],
    release: [["", `/${at.release}`]],
    releaseDryRun: [["of a canary", `/${at.release}/dry-run?stations=${at.station}&units=50`]],
    releaseRadius: [["", `/${at.release}/radius`]],
    channels: [["", ""]],
    upload: "by a publisher",
    workOrder: [["", `/${at.middleOrder}`]],
    yield: [
      ["", ""],
      ["of a product", "?product=GROWN-1"],
      ["of a station's seven days", `?window=last-7-days&station=${at.station}`],
      ["of a shift's time", `?from=${at.hoursAgo(30)}&to=${at.hoursAgo(22)}`],
      ["of seven days", "?window=last-7-days"],
      [
        "of a product's seven days against those before",
        "?window=last-7-days&product=GROWN-1&against=before",
      ],
      ["of thirty days", "?window=last-30-days"],
      ["of thirty days by host", "?window=last-30-days&by=host&against=before"],
      ["of thirty days by station", "?window=last-30-days&by=station"],
      ["of thirty days by nest", "?window=last-30-days&by=nest"],
      ["of thirty days by release", "?window=last-30-days&by=release"],
      ["of thirty days by order", "?window=last-30-days&by=order"],
      ["of a host's thirty days", `?window=last-30-days&host=${at.host}`],
      [
        "of a release against the one before",
        "?window=last-7-days&product=GROWN-1&release=1.3.0&against=release-before",
      ],
      ["of all ninety days", `?from=${at.hoursAgo(90 * 24)}`],
    ],
    attempts: [
      ["first page", ""],
      ["200 rows", "?limit=200"],
      ["deep page", `?after=${at.middle}`],
      ["FAIL", "?outcome=FAIL"],
      ["FAIL, deep", `?outcome=FAIL&after=${at.middle}`],
      ["of a station", `?station=${at.station}`],
      ["FAIL of a station", `?station=${at.station}&outcome=FAIL`],
      ["of a host", `?host=${at.host}`],
      ["of a host, deep", `?host=${at.host}&after=${at.middle}`],
      ["of a host, elsewhere", `?host=${at.host}&station=L3-01`],
      ["of thirty days", "?window=last-30-days"],
      ["FAIL of thirty days", "?window=last-30-days&only=first&outcome=FAIL"],
      ["of a person who did nothing", `?operator=${at.unit}`],
      ["the longest", "?sort=-duration"],
      ["the longest, deep", `?sort=-duration&after=${at.middle}`],
      ["the longest of thirty days", "?sort=-duration&window=last-30-days"],
      ["the shortest FAIL of a station", `?sort=duration&station=${at.station}&outcome=FAIL`],
      ["the oldest first", "?sort=time"],
    ],
    attemptsList: [["of today", "?window=today"]],
    attempt: [
      ["", `/${at.attempt}`],
      ["many incidents", `/${at.longAttempt}`],
    ],
    transcript: [["without one", `/${at.attempt}/transcript`]],
    hosts: [["", ""]],
    hostVerdicts: [["", `/${at.host}/verdicts`]],
    previewHostRepair: [["", `/${at.host}/repairs/preview`]],
    pacingTrials: [["", ""]],
    plantGuard: [["", "/Graz/guard"]],
    hostPacing: [["", `/${at.host}/pacing`]],
    previewHostProfile: [["", `/${at.host}/profile/preview?profile=gentle`]],
    audit: [
      ["first page", ""],
      ["deep page", "?after=5000"],
      ["of a rare kind", "?kind=person.changed"],
      ["of a kind", "?kind=attempt.finished"],
      ["of a kind that never happened", "?kind=server.restored"],
      ["of a station", `?whoKind=station&who=${at.station}`],
      ["of nobody", "?whoKind=person&who=nobody"],
      ["of a rare subject", "?subjectKind=person"],
      ["of a serial", `?subject=${at.serial}`],
      ["of an attempt", `?subjectKind=attempt&subject=${at.attempt}`],
      ["of a time", "?to=2000-01-01T00:00:00Z"],
    ],
    feed: [
      ["first page", ""],
      ["1000 events", "?limit=1000"],
      ["at the end", "?after=9000000000"],
    ],
    alarms: [
      ["open", ""],
      ["all", "?state=all&limit=200"],
      ["of a rule", "?state=all&rule=failures.row"],
    ],
    alarm: [["that there is not", `/${at.attempt}`]],
    alarmRules: [["", ""]],
    parts: [["", ""]],
    auditChain: [["a second of it", ""]],
    recipients: [["", ""]],
    grants: [
      ["", ""],
      ["open ones", "?open=true"],
    ],
    exceptions: [["", ""]],
    exception: [["that there is not", `/${at.attempt}`]],
    webhooks: [["", ""]],
    deadLetters: [["of no webhook", `/${at.attempt}/letters`]],
    label: [["", `/${at.product}/label`]],
    holds: [["all", "?state=all"]],
    goldenUnits: [["all", "?retired=true"]],
    goldenUnit: [["that there is not", "/GOLD-0"]],
    goldenNests: [["", ""]],
    goldenChecks: [["", ""]],
    goldenTranscript: [["of none", `/${at.attempt}/transcript`]],
    goldenRule: [["", "/Graz/golden-rule"]],
    hostGolden: [["", `/${at.host}/golden`]],
    previewGoldenRun: [["of no unit", `?serial=GOLD-0&station=${at.station}&nest=1&times=60`]],
    containment: [
      ["all", ""],
      ["of a station", `?station=${at.station}`],
    ],
    containmentList: [["of a station", `?station=${at.station}`]],
    dossier: [["", `/${at.unit}/dossier`]],
    stationDoctor: [["", `/${at.station}/doctor`]],
    stationOperators: [["", `/${at.station}/operators`]],
    dossierPdf: [["", `/${at.unit}/dossier.pdf`]],
    updates: [["", ""]],
    stationVersions: [["", ""]],
    pushes: [["", ""]],
    updateBundle: "by a station",
    previewPush: [["of an update that there is not", "?version=1.0.0&lines=L1"]],
    previewHold: [["of a station", `?kind=station&station=${at.station}`]],
  }) as const satisfies Record<GetName, Asked>;

/** Of these the filled database has none. */
const MISSING: readonly string[] = [
  ...["goldenUnit", "goldenTranscript"],
  "previewGoldenRun",
  ...["transcript", "alarm", "exception", "deadLetters", "person", "keyRadius", "previewPush"],
];

/** Everything that can be looked at, and a station's way to a job. */
export function questionsOf(at: Places, imageSha256: string): readonly Question[] {
  const looks = Object.entries(asked(at)).flatMap(([name, list]) => {
    if (typeof list === "string") return [];
    const path = ENDPOINTS[name as GetName].path.replace(/\/:.*/, "");
    return list.map(([about, rest]) => ({
      name: about === "" ? name : `${name}, ${about}`,
      method: "GET",
      path: `${path}${rest}`,
      status: MISSING.includes(name) ? 404 : 200,
    }));
  });
  const own = [
    { name: "setup", method: "GET", path: ENDPOINTS.setup.path, station: 0 },
    { name: "image", method: "GET", path: `/v1/agent/images/${imageSha256}`, station: 0 },
  ];
  return [...looks, ...own];
}
