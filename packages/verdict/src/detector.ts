import { type Blame, blameOf } from "./blame.ts";
import { type Block, enter, isFull, OLDEST_MS, openBlock, without } from "./block.ts";
import { boardsAfter, withoutHost } from "./boards.ts";
import { faultEvidence, START } from "./evidence.ts";
import { type HostState, hostAfter, repairHost } from "./host.ts";
import { groupsIn, type JudgedLevel } from "./levels.ts";
import { rateAfter } from "./line.ts";
import { type Lesson, learn, type NodeState, newNode, repairNode } from "./node.ts";
import { badnessOf, pastAfter } from "./past.ts";
import { type DetectorChanges, type DetectorState, Kept } from "./state.ts";
import type { Visit } from "./visit.ts";
import {
  isInDoubt,
  type KnownHost,
  leftOut,
  type Part,
  partOf,
  ranked,
  splitOf,
} from "./yardstick.ts";

/**
 * Counts the methods that states were worked out by: the same visits give another state than by the one before. Another number comes with a migration, so that
 * older servers end within seconds; else they and the newer ones would learn the past anew by turns for as long as both run.
 */
export const METHOD = 3;

/** What came of one visit. */
export interface Received {
  /** Empty unless the visit closed a block. */
  readonly lessons: readonly Lesson[];
  /** The host of the visit was flagged by it, or is no longer: its line has too few hosts to tell host from boards. */
  readonly flagged: boolean | undefined;
}

/** A host without a visit for so long is not of the plant any more, and what a stratum's boards showed is forgotten; ms. */
const GONE_AFTER_MS = 14 * 24 * 3_600_000;
/** A release that nobody has worked on for so long, and that nothing speaks against, is forgotten; ms. */
const FORGOTTEN_AFTER_MS = 30 * 24 * 3_600_000;

/** In an order that does not depend on how the state was stored. */
const byAge = (a: Block, b: Block): number =>
  a.openedAt - b.openedAt || (a.of + a.name < b.of + b.name ? -1 : 1);

/**
 * Tells which hosts make the bootloader fail, from the visits of units in the order in which their results were received. It decides by
 * nothing but what it is given: the same visits and repairs give the same state on every machine, at once or in parts. The method is
 * described in docs/verdict.md.
 */
export class Detector {
  readonly #kept: Kept;
  /** No open block was opened before; ms since 1970. */
  #oldest = 0;

  constructor(state?: DetectorState) {
    this.#kept = new Kept(state);
  }

  state(): DetectorState {
    return this.#kept.state();
  }

  /** What to write so that a stored state is up to date: all that changed since this was last asked. */
  changes(): DetectorChanges {
    return this.#kept.changes();
  }

  host(host: string): HostState | undefined {
    return this.#kept.host(host);
  }

  /** Where a group stands. Undefined: no block with units of it has closed. */
  node(level: JudgedLevel, name: string): NodeState | undefined {
    return this.#kept.node(level, name);
  }

  /** The narrowest thing that explains what the host showed. Undefined while the host, its PC and its model are OK. */
  blame(host: string): Blame | undefined {
    const known = this.host(host);
    return known && blameOf(known, (level, name) => this.node(level, name)?.standing.rung ?? "OK");
  }

  /** Takes in one visit. */
  receive(visit: Visit): Received {
    const overdue = this.#overdue(visit.at);
    const lessons: Lesson[] = overdue.flatMap((block) => this.#close(block, visit.at));
    const flagged = this.#note(visit);
    for (const of of ["stratum", "host"] as const) {
      const open = this.#kept.block(of, visit[of]);
      if (open === undefined) this.#oldest = Math.min(this.#oldest, visit.at);
      const block = enter(open ?? openBlock(of, visit), visit);
      this.#kept.keepBlock(block);
      if (isFull(block)) lessons.push(...this.#close(block, visit.at));
    }
    return { lessons, flagged };
  }

  /** A repair or a swap at a host was recorded. What the host did before it is in no block any more. */
  repaired(host: string): void {
    const known = this.host(host);
    if (known !== undefined) this.#kept.keepHost(repairHost(known));
    const node = this.node("controller", host);
    if (node !== undefined) this.#kept.keepNode(repairNode(node));
    for (const boards of this.#kept.everyBoards()) {
      const isIn = boards.hosts.some((shown) => shown.host === host);
      if (isIn) this.#kept.keepBoards(withoutHost(boards, host));
    }
    this.#kept.dropBlock({ of: "host", name: host });
    for (const block of this.#kept.blocks()) {
      const isIn = block.of === "stratum" && block.tallies.some(({ name }) => name === host);
      if (isIn) this.#kept.keepBlock(without(block, host));
    }
  }

  #note(visit: Visit): boolean | undefined {
    const before = this.host(visit.host);
    const { rate } = this.#kept;
    const after = hostAfter(before, visit, rate, this.#kept.hostsOn(visit.line, visit.host));
    this.#kept.keepHost(after);
    this.#kept.rate = rateAfter(rate, visit.incident);
    const was = before?.flag.isRaised ?? false;
    return after.flag.isRaised === was ? undefined : after.flag.isRaised;
  }

  #overdue(at: number): readonly Block[] {
    if (at - this.#oldest < OLDEST_MS) return [];
    const blocks = this.#kept.blocks().toSorted(byAge);
    const overdue = blocks.filter(({ openedAt }) => at - openedAt >= OLDEST_MS);
    this.#oldest = Math.min(at, blocks[overdue.length]?.openedAt ?? at);
    return overdue;
  }

  #close(block: Block, at: number): readonly Lesson[] {
    this.#kept.dropBlock(block);
    if (block.of === "stratum") return this.#judgeHosts(block, at);
    return block.tallies.length > 1 ? this.#judgeReleases(block, at) : [];
  }

  /** All hosts that the plant had when the block was opened, the worst first. */
  #ranked({ openedAt }: Block): readonly KnownHost[] {
    const present = this.#kept.hosts().filter(({ at }) => openedAt - at < GONE_AFTER_MS);
    const hosts = present.map(({ host, pc, model, past }): KnownHost => {
      const evidence = this.node("controller", host)?.standing.evidence;
      const r = evidence === undefined ? START : faultEvidence(evidence);
      return { host, pc, model, badness: badnessOf(past), r };
    });
    return ranked(hosts);
  }

  #judgeHosts(block: Block, at: number): readonly Lesson[] {
    const hosts = this.#ranked(block);
    const tallies = new Map(block.tallies.map((tally) => [tally.name, tally]));
    const present = hosts.flatMap((host) => {
      const tally = tallies.get(host.host);
      return tally === undefined ? [] : { host, tally };
    });
    const groups = groupsIn(
      present.map(({ host }) => host),
      hosts,
    );
    const boards = this.#kept.boards(block.name);
    const shown = (boards?.hosts ?? []).flatMap(({ host: name, ...counts }) => {
      const host = hosts.find((known) => known.host === name);
      return host === undefined ? [] : { host, ...counts };
    });
    this.#kept.keepBoards(boardsAfter(boards, block, at));
    // All of them before the first one learns: what this block shows of one host chooses no other's yardstick.
    const parts = groups.map((group) => ({ group, part: partOf(group, present, hosts, shown) }));
    return parts.flatMap(({ group: { level, name }, part }) => {
      const known = level === "controller" ? this.host(name) : undefined;
      if (known) this.#kept.keepHost({ ...known, past: pastAfter(known.past, part.split) });
      return this.#learn(level, name, part, at);
    });
  }

  /** A release is compared with what else the same host worked on, at hosts that nothing speaks against. */
  #judgeReleases(block: Block, at: number): readonly Lesson[] {
    const { name, tallies } = block;
    const hosts = this.#ranked(block);
    const place = hosts.findIndex((known) => known.host === name);
    const host = hosts[place];
    if (host === undefined || place < leftOut(hosts.length) || isInDoubt(host)) return [];
    this.#forget(at);
    return tallies.flatMap((tally) => {
      const others = tallies.filter((other) => other !== tally);
      const part = { split: splitOf([tally], others), own: [tally], weight: 1 };
      return this.#learn("release", tally.name, part, at);
    });
  }

  #learn(level: JudgedLevel, name: string, part: Part, at: number): readonly Lesson[] {
    if (part.split.n === 0) return [];
    const before = this.node(level, name) ?? newNode(level, name, at);
    const { after, lesson } = learn(before, part, at);
    this.#kept.keepNode(after);
    return [lesson];
  }

  #forget(at: number): void {
    for (const node of this.#kept.releases()) {
      const isOld = node.since === undefined && at - node.at >= FORGOTTEN_AFTER_MS;
      if (isOld) this.#kept.dropNode(node);
    }
    for (const boards of this.#kept.everyBoards())
      if (at - boards.at >= GONE_AFTER_MS) this.#kept.dropBoards(boards);
  }
}
