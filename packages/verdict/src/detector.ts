import { type Blame, blameOf } from "./blame.ts";
import { type Block, enter, isFull, OLDEST_MS, openBlock, without } from "./block.ts";
import { faultEvidence } from "./evidence.ts";
import { type HostState, hostAfter, repairHost } from "./host.ts";
import { WATCH_FROM } from "./ladder.ts";
import { groupsIn, type JudgedLevel } from "./levels.ts";
import { FIRST_RATE, type Rate, rateAfter } from "./line.ts";
import { type Lesson, learn, type NodeState, newNode, repairNode } from "./node.ts";
import { badnessOf, pastAfter } from "./past.ts";
import type { DetectorState } from "./state.ts";
import type { Visit } from "./visit.ts";
import { type KnownHost, leftOut, type Part, partOf, ranked, splitOf } from "./yardstick.ts";

/** What came of one visit. */
export interface Received {
  /** Empty unless the visit closed a block. */
  readonly lessons: readonly Lesson[];
  /** The host of the visit was flagged by it, or is no longer: its line has too few hosts to tell host from boards. */
  readonly flagged: boolean | undefined;
}

/** A release that nobody has worked on for so long, and that nothing speaks against, is forgotten; ms. */
const FORGOTTEN_AFTER_MS = 30 * 24 * 3_600_000;

const keyOf = ({ of, name }: Pick<Block, "of" | "name">): string => `${of} ${name}`;
/** In an order that does not depend on how the state was stored. */
const byAge = (a: Block, b: Block): number =>
  a.openedAt - b.openedAt || (keyOf(a) < keyOf(b) ? -1 : 1);

/**
 * Tells which hosts make the bootloader fail, from the visits of units in the order in which their results were received. It decides by
 * nothing but what it is given: the same visits and repairs give the same state on every machine, at once or in parts. The method is
 * described in docs/verdict.md.
 */
export class Detector {
  readonly #hosts = new Map<string, HostState>();
  readonly #nodes: Readonly<Record<JudgedLevel, Map<string, NodeState>>> = {
    ...{ controller: new Map(), pc: new Map(), model: new Map(), release: new Map() },
  };
  readonly #blocks = new Map<string, Block>();
  /** Hosts by the line that they are on. */
  readonly #lines = new Map<string, Set<string>>();
  #rate: Rate;
  /** No open block was opened before; ms since 1970. */
  #oldest = 0;

  constructor(state?: DetectorState) {
    for (const host of state?.hosts ?? []) this.#keepHost(host);
    for (const node of state?.nodes ?? []) this.#nodes[node.level].set(node.name, node);
    for (const block of state?.blocks ?? []) this.#blocks.set(keyOf(block), block);
    this.#rate = state?.rate ?? FIRST_RATE;
  }

  state(): DetectorState {
    return {
      hosts: [...this.#hosts.values()],
      nodes: Object.values(this.#nodes).flatMap((nodes) => [...nodes.values()]),
      blocks: [...this.#blocks.values()],
      rate: this.#rate,
    };
  }

  host(host: string): HostState | undefined {
    return this.#hosts.get(host);
  }

  /** Where a group stands. Undefined: no block with units of it has closed. */
  node(level: JudgedLevel, name: string): NodeState | undefined {
    return this.#nodes[level].get(name);
  }

  /** The narrowest thing that explains what the host showed. Undefined while the host is OK. */
  blame(host: string): Blame | undefined {
    const known = this.#hosts.get(host);
    return known && blameOf(known, (level, name) => this.node(level, name)?.standing.rung ?? "OK");
  }

  /** Takes in one visit. */
  receive(visit: Visit): Received {
    const overdue = this.#overdue(visit.at);
    const lessons: Lesson[] = overdue.flatMap((block) => this.#close(block, visit.at));
    const flagged = this.#note(visit);
    for (const of of ["stratum", "host"] as const) {
      const open = this.#blocks.get(keyOf({ of, name: visit[of] }));
      if (open === undefined) this.#oldest = Math.min(this.#oldest, visit.at);
      const block = enter(open ?? openBlock(of, visit), visit);
      this.#blocks.set(keyOf(block), block);
      if (isFull(block)) lessons.push(...this.#close(block, visit.at));
    }
    return { lessons, flagged };
  }

  /** A repair or a swap at a host was recorded. What the host did before it is in no block any more. */
  repaired(host: string): void {
    const known = this.#hosts.get(host);
    if (known !== undefined) this.#keepHost(repairHost(known));
    const node = this.node("controller", host);
    if (node !== undefined) this.#nodes.controller.set(host, repairNode(node));
    this.#blocks.delete(keyOf({ of: "host", name: host }));
    for (const [key, block] of this.#blocks) {
      if (block.of === "stratum") this.#blocks.set(key, without(block, host));
    }
  }

  #keepHost(host: HostState): void {
    const before = this.#hosts.get(host.host);
    this.#hosts.set(host.host, host);
    if (before?.line === host.line) return;
    if (before !== undefined) this.#lines.get(before.line)?.delete(host.host);
    const onLine = this.#lines.get(host.line) ?? new Set();
    this.#lines.set(host.line, onLine.add(host.host));
  }

  #note(visit: Visit): boolean | undefined {
    const before = this.#hosts.get(visit.host);
    const onLine = this.#lines.get(visit.line);
    const hosts = (onLine?.size ?? 0) + (onLine?.has(visit.host) ? 0 : 1);
    const after = hostAfter(before, visit, this.#rate, hosts);
    this.#keepHost(after);
    this.#rate = rateAfter(this.#rate, visit.incident);
    const was = before?.flag.isRaised ?? false;
    return after.flag.isRaised === was ? undefined : after.flag.isRaised;
  }

  #overdue(at: number): readonly Block[] {
    if (at - this.#oldest < OLDEST_MS) return [];
    const blocks = [...this.#blocks.values()].toSorted(byAge);
    const overdue = blocks.filter(({ openedAt }) => at - openedAt >= OLDEST_MS);
    this.#oldest = Math.min(at, blocks[overdue.length]?.openedAt ?? at);
    return overdue;
  }

  #close(block: Block, at: number): readonly Lesson[] {
    this.#blocks.delete(keyOf(block));
    if (block.of === "stratum") return this.#judgeHosts(block, at);
    return block.tallies.length > 1 ? this.#judgeReleases(block, at) : [];
  }

  /** All hosts of the plant, the worst first. */
  #ranked(): readonly KnownHost[] {
    const hosts = [...this.#hosts.values()].map(({ host, pc, model, past }): KnownHost => {
      const evidence = this.node("controller", host)?.standing.evidence;
      const isInDoubt = evidence !== undefined && faultEvidence(evidence) >= WATCH_FROM;
      return { host, pc, model, badness: badnessOf(past), isInDoubt };
    });
    return ranked(hosts);
  }

  #judgeHosts({ tallies }: Block, at: number): readonly Lesson[] {
    const hosts = this.#ranked();
    const present = tallies.flatMap((tally) => {
      const host = hosts.find((known) => known.host === tally.name);
      return host === undefined ? [] : { host, tally };
    });
    const groups = groupsIn(
      present.map(({ host }) => host),
      hosts,
    );
    // All of them before the first one learns: what this block shows of one host chooses no other's yardstick.
    const parts = groups.map((group) => ({ group, part: partOf(group, present, hosts) }));
    return parts.flatMap(({ group: { level, name }, part }) => {
      const known = level === "controller" ? this.#hosts.get(name) : undefined;
      if (known) this.#keepHost({ ...known, past: pastAfter(known.past, part.split) });
      return this.#learn(level, name, part, at);
    });
  }

  /** A release is compared with what else the same host worked on, at hosts that nothing speaks against. */
  #judgeReleases({ name, tallies }: Block, at: number): readonly Lesson[] {
    const hosts = this.#ranked();
    const place = hosts.findIndex(({ host }) => host === name);
    if (place < leftOut(hosts.length) || hosts[place]?.isInDoubt) return [];
    this.#forget(at);
    return tallies.flatMap((tally) => {
      const others = tallies.filter((other) => other !== tally);
      return this.#learn(
        "release",
        tally.name,
        { split: splitOf([tally], others), own: [tally] },
        at,
      );
    });
  }

  #learn(level: JudgedLevel, name: string, { split, own }: Part, at: number): readonly Lesson[] {
    if (split.n === 0) return [];
    const { after, lesson } = learn(
      this.node(level, name) ?? newNode(level, name, at),
      split,
      own,
      at,
    );
    this.#nodes[level].set(name, after);
    return [lesson];
  }

  #forget(at: number): void {
    for (const [name, { since, at: last }] of this.#nodes.release) {
      if (since === undefined && at - last >= FORGOTTEN_AFTER_MS) this.#nodes.release.delete(name);
    }
  }
}
