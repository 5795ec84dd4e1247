import { useQuery } from "@tanstack/react-query";
import { counted } from "../../shared/format.ts";
import { Icon } from "../../shared/icons.tsx";
import { saveFile } from "../act/csv.ts";
import { useAllowed } from "../act/rights.ts";
import { Copied } from "../act/Shown.tsx";
import { manage } from "../api/manage.ts";
import { queries } from "../api/queries.ts";
import { usePlantZone } from "../parts/PageHead.tsx";
import { fullTime } from "../parts/time.ts";
import { enrolCommand, stepOf } from "./enrol.ts";

export interface Enrolling {
  readonly station: string;
  readonly token: string;
  readonly expiresAt: string;
  readonly nests: number;
  /** When the station was last heard of before; null: never. */
  readonly before: string | null;
  readonly hadPc: boolean;
}

const LOOK_MS = 2000;

/** What is done at the PC, and whether it has been. */
export function EnrolSteps({ enrolling }: { readonly enrolling: Enrolling }) {
  const { station, token, expiresAt, nests, hadPc } = enrolling;
  const zone = usePlantZone();
  return (
    <ol className="steps">
      <li>
        Install <span className="mono">flashline-agent</span> on the PC, and plug a unit in
        bootloader mode into each nest. <span className="mono">flashline dfu list</span> tells the
        port of each: it goes in the place of <span className="mono">PORT-1</span>, such as{" "}
        <span className="mono">3-1.2</span>.
      </li>
      <li>
        Put the firmware team's public key beside it as <span className="mono">release.pub</span>.{" "}
        <PublicKeys />
      </li>
      <li>
        Run this on the PC. The token works once, until {fullTime(expiresAt, zone)}.
        <Copied text={enrolCommand(location.origin, token, nests)} label="the command" />
      </li>
      <li>
        Start it: <span className="mono">flashline-agent run</span>.
        {hadPc && " The PC that the station had goes on until this one has enrolled."}
        <Waiting enrolling={enrolling} station={station} />
      </li>
    </ol>
  );
}

function PublicKeys() {
  const mayRead = useAllowed("keys");
  const keys = useQuery({ ...manage.keys(), enabled: mayRead });
  const good = (keys.data ?? []).filter(({ state }) => state === "trusted" || state === "retiring");
  if (good.length === 0) return null;
  return (
    <>
      This server knows {counted(good.length, "key")}; compare the id with the firmware team's by
      another way:{" "}
      {good.map(({ keyId, name, publicKey }) => (
        <button
          key={keyId}
          type="button"
          className="b small"
          onClick={() => saveFile("release.pub", publicKey, "text/plain")}
        >
          {name} <span className="mono">&nbsp;{keyId}</span>
        </button>
      ))}
    </>
  );
}

function Waiting({
  enrolling,
  station: name,
}: {
  readonly enrolling: Enrolling;
  readonly station: string;
}) {
  const stations = useQuery({ ...queries.stations(), refetchInterval: LOOK_MS });
  const station = stations.data?.find((one) => one.name === name);
  const step = stepOf(station, enrolling.before);
  return (
    <p className={`note ${step === "connected" ? "good" : "plain"}`} role="status">
      {step === "connected" ? <Icon name="check" /> : <Icon name="clock" />}
      <span>
        {step === "waiting" && <b>Waiting for this PC …</b>}
        {step === "enrolled" && <b>Enrolled. Waiting for its first sign of life …</b>}
        {step === "connected" && station !== undefined && (
          <>
            <b>{name} is connected.</b> {counted(station.nests.length, "nest")}, agent{" "}
            {station.agentVersion ?? "of an unknown version"}
            {station.doctor === null
              ? "."
              : station.doctor.failed + station.doctor.warned === 0
                ? ", and its doctor found nothing wrong."
                : `; its doctor has ${counted(station.doctor.failed + station.doctor.warned, "thing")} to say.`}
          </>
        )}
      </span>
    </p>
  );
}
