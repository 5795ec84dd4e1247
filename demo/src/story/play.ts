import {
  adviceTexts,
  evidenceText,
  type HoldEffect,
  type HostView,
  type Proportion,
} from "@flashline/contract";
import { DemoError } from "../errors.ts";
import type { Workplace } from "../line/operator.ts";
import type { Voice } from "../say.ts";
import type { DemoUnit } from "../setup/units.ts";
import type { Stage } from "../stage.ts";
import { crewOf } from "./crew.ts";
import { BAD_PC } from "./line.ts";

/** What the story came to, asked of the server. */
export interface Told {
  /** The bad host was found, held, repaired, confirmed; no other one was ever held for bad. */
  readonly asTold: boolean;
  /** Units that were handled before the verdict proposed a quarantine, and until the repair was confirmed. */
  readonly foundAfter: number;
  readonly confirmedAfter: number;
  /** Hosts beside the bad one that were at SUSPECT or worse at any time. */
  readonly wronglyBlamed: readonly string[];
  /** What the station of the bad host showed as stopped: the host. */
  readonly heldFor: string | null;
  readonly firstPass: {
    readonly badHost: Proportion;
    readonly repairedHost: Proportion;
    readonly line: Proportion;
    readonly lineWithoutBadHost: Proportion;
  };
}

const SHOWN_MS = 20_000;

const percent = ({ share, n }: Proportion): string =>
  share === null ? `no unit` : `${(share * 100).toFixed(1)} % of ${n}`;

function effectText({ name, finishing, remaining }: HoldEffect): string {
  const after = finishing.length === 0 ? "at once" : `after the ${finishing.length} units in work`;
  return `${name} stops ${after}; ${remaining.length} stations go on with its orders`;
}

/** Tells a line of six hosts, one of them with the defect, from the first unit to the confirmed repair. */
export async function playStory(
  stage: Stage,
  voice: Voice,
  units: readonly DemoUnit[],
  addHub: () => Promise<void>,
  signal: AbortSignal,
): Promise<Told> {
  const { api } = stage;
  const crew = crewOf(units, voice, signal);
  const all = stage.lines.flatMap((line) => line.workplaces);
  const isAtBad = ({ station }: Workplace): boolean => station === BAD_PC;
  const others = all.filter((workplace) => !isAtBad(workplace));
  const blamed = new Set<string>();

  const badHost = async (): Promise<HostView | undefined> => {
    const { body } = await api("hosts", {});
    for (const { name, rung } of body.hosts)
      if (name !== BAD_PC && (rung === "SUSPECT" || rung === "QUARANTINE")) blamed.add(name);
    return body.hosts.find(({ name }) => name === BAD_PC);
  };
  const firstPass = async (station: string | undefined, from: string, to?: string) =>
    (await api("yield", { query: { station, from, to, virtual: "true" } })).body.firstPass;

  const began = new Date().toISOString();
  voice.line("Six line PCs begin to work. Five are healthy.");
  const found = await crew.workUntil(all, async () => (await badHost())?.rung === "QUARANTINE");
  const foundAfter = crew.handled;
  const bad = await badHost();
  if (bad === undefined || !found)
    throw new DemoError(`After ${foundAfter} units ${BAD_PC} is at ${bad?.rung ?? "nothing"}.`);
  voice.line(`After ${foundAfter} units the verdict proposes to quarantine ${bad.name}.`);
  voice.line(`  ${evidenceText(bad)}`);
  for (const line of adviceTexts(bad)) voice.line(`  → ${line}`);

  const host = { kind: "host", host: bad.id } as const;
  const { body: preview } = await api("previewHold", { query: host });
  voice.line(`An engineer looks at what a quarantine would do: ${effectText(preview)}.`);
  await api("setHold", { body: { target: host, reason: evidenceText(bad) } });
  const heldAt = new Date().toISOString();
  const [spare] = all.filter(isAtBad);
  const heldFor = spare === undefined ? null : await stoppedBy(spare);
  voice.line(
    `${bad.name} is quarantined: its station shows that the ${heldFor ?? "?"} is blocked.`,
  );

  const until = crew.handled + others.length * 2;
  await crew.workUntil(others, async () => crew.handled >= until);
  const goneOnAt = new Date().toISOString();
  const line = await firstPass(undefined, began, heldAt);
  const without = await firstPass(undefined, heldAt, goneOnAt);

  voice.line("A USB 2.0 hub goes in between. The repair is recorded and the quarantine lifted.");
  await addHub();
  await api("repairHost", {
    params: { id: bad.id },
    body: { what: "hub", reason: "hub in between, as the advice says" },
  });
  await api("liftHold", { body: { target: host, reason: "hub in between" } });
  const repairedAt = new Date().toISOString();
  const confirmed = await crew.workUntil(all, async () => (await badHost())?.rung === "OK");
  const last = await badHost();
  if (last !== undefined)
    voice.line(`${last.name} is ${last.verdict} again: ${evidenceText(last)}`);

  const figures = {
    badHost: await firstPass(BAD_PC, began, heldAt),
    repairedHost: await firstPass(BAD_PC, repairedAt),
    line,
    lineWithoutBadHost: without,
  };
  voice.line(
    `First-pass yield: ${BAD_PC} ${percent(figures.badHost)} before, ${percent(figures.repairedHost)} after the repair; the line ${percent(line)} with it, ${percent(without)} without.`,
  );
  return {
    asTold: confirmed && heldFor === "host" && blamed.size === 0,
    foundAfter,
    confirmedAfter: crew.handled,
    wronglyBlamed: [...blamed],
    heldFor,
    firstPass: figures,
  };
}

/** What stops the nest, as its station shows it; null where nothing does. */
async function stoppedBy(workplace: Workplace): Promise<string | null> {
  const { nest, page } = workplace;
  const shown = await page.untilNest(nest, "off", (view) => view.state === "off", SHOWN_MS);
  return shown.state === "off" ? (shown.hold?.kind ?? "nest") : null;
}
