import type { UnitDetail } from "@flashline/contract";
import type { Api } from "../api.ts";
import { DemoError } from "../errors.ts";
import type { DemoUnit } from "../setup/units.ts";

/** What the server's database says about the units, asked over its API: the demo's own impression does not count. */
export interface Figures {
  readonly units: number;
  readonly passed: number;
  readonly failed: number;
  /** Units without an outcome, for whatever reason. */
  readonly unknown: number;
  /** Units that passed and whose link had to be recovered on the way. */
  readonly recovered: number;
  readonly attempts: number;
  readonly linkIncidents: number;
  /** Units that passed at their first attempt. */
  readonly firstPass: number;
  /** Units that did not end as planned, with what they ended as. */
  readonly surprises: readonly string[];
}

const AT_ONCE = 8;

export async function readFigures(api: Api, units: readonly DemoUnit[]): Promise<Figures> {
  const details: UnitDetail[] = [];
  for (let at = 0; at < units.length; at += AT_ONCE) {
    const group = units.slice(at, at + AT_ONCE);
    details.push(...(await Promise.all(group.map((unit) => unitDetail(api, unit.serial)))));
  }
  const count = (is: (detail: UnitDetail) => boolean): number => details.filter(is).length;
  const attempts = details.flatMap((detail) => detail.history);
  const passed = count(({ state }) => state === "passed");
  const failed = count(({ state }) => state === "failed");
  return {
    units: units.length,
    passed,
    failed,
    unknown: units.length - passed - failed,
    recovered: count((detail) => detail.state === "passed" && hadIncident(detail)),
    attempts: attempts.length,
    linkIncidents: attempts.filter((attempt) => attempt.linkIncident).length,
    firstPass: count((detail) => firstOutcome(detail) === "PASS"),
    surprises: units.flatMap((unit) =>
      surprise(
        unit,
        details.find((d) => d.serial === unit.serial),
      ),
    ),
  };
}

async function unitDetail(api: Api, serial: string): Promise<UnitDetail> {
  const { body } = await api("units", { query: { search: serial, limit: 10 } });
  const found = body.find((unit) => unit.serial === serial);
  if (found === undefined) throw new DemoError(`The server does not know unit ${serial}.`);
  return (await api("unit", { params: { id: found.id } })).body;
}

const hadIncident = (detail: UnitDetail): boolean =>
  detail.history.some((attempt) => attempt.linkIncident);

const firstOutcome = (detail: UnitDetail): string | null =>
  detail.history.toSorted((a, b) => a.startedAt.localeCompare(b.startedAt))[0]?.outcome ?? null;

function surprise(unit: DemoUnit, detail: UnitDetail | undefined): readonly string[] {
  const ended =
    detail?.state === "failed"
      ? "fail"
      : detail?.state === "passed"
        ? hadIncident(detail)
          ? "recovered"
          : "pass"
        : (detail?.state ?? "missing");
  // A busy PC may have to recover a link where nothing was planned; a planned recovery must have happened.
  if (ended === unit.expected || (unit.expected === "pass" && ended === "recovered")) return [];
  const codes = (detail?.history ?? []).flatMap((attempt) => [
    ...(attempt.code === null ? [] : [attempt.code]),
    ...attempt.incidents.map(
      (incident) => `${incident.code} in ${incident.phase}: ${incident.detail}`,
    ),
  ]);
  return [`${unit.serial}: planned ${unit.expected}, ended ${ended} (${codes.join("; ")})`];
}
