import type { Block } from "./block.ts";
import type { Boards } from "./boards.ts";
import type { HostState } from "./host.ts";
import type { JudgedLevel } from "./levels.ts";
import { FIRST_RATE, type Rate } from "./line.ts";
import type { NodeState } from "./node.ts";

/** All that a detector keeps. JSON; the order within the lists means nothing. */
export interface DetectorState {
  readonly hosts: readonly HostState[];
  readonly nodes: readonly NodeState[];
  /** Blocks that have not closed yet. */
  readonly blocks: readonly Block[];
  readonly boards: readonly Boards[];
  readonly rate: Rate;
}

/** What is to be written so that a stored state is up to date. JSON. */
export interface DetectorChanges extends DetectorState {
  /** What is not kept any more: blocks that closed, releases and boards that were forgotten. */
  readonly gone: {
    readonly blocks: readonly Pick<Block, "of" | "name">[];
    readonly nodes: readonly Pick<NodeState, "level" | "name">[];
    readonly boards: readonly Pick<Boards, "stratum">[];
  };
}

/** Rows by key, with which of them changed. */
class Rows<Key, Row extends Key> {
  readonly #keyOf: (key: Key) => string;
  readonly #rows = new Map<string, Row>();
  /** Keys of what was kept or dropped since {@link changes} was asked. */
  readonly #changed = new Map<string, Key>();

  constructor(keyOf: (key: Key) => string, rows: readonly Row[] = []) {
    this.#keyOf = keyOf;
    for (const row of rows) this.#rows.set(keyOf(row), row);
  }

  get(key: Key): Row | undefined {
    return this.#rows.get(this.#keyOf(key));
  }

  all(): readonly Row[] {
    return [...this.#rows.values()];
  }

  keep(row: Row): void {
    const key = this.#keyOf(row);
    this.#rows.set(key, row);
    this.#changed.set(key, row);
  }

  drop(row: Key): void {
    const key = this.#keyOf(row);
    if (this.#rows.delete(key)) this.#changed.set(key, row);
  }

  changes(): { readonly kept: readonly Row[]; readonly gone: readonly Key[] } {
    const kept: Row[] = [];
    const gone: Key[] = [];
    for (const [text, key] of this.#changed) {
      const row = this.#rows.get(text);
      if (row === undefined) gone.push(key);
      else kept.push(row);
    }
    this.#changed.clear();
    return { kept, gone };
  }
}

type BlockKey = Pick<Block, "of" | "name">;
type NodeKey = Pick<NodeState, "level" | "name">;

/** The state of a detector while it runs, and what of it changed. */
export class Kept {
  readonly #hosts: Rows<Pick<HostState, "host">, HostState>;
  readonly #nodes: Readonly<Record<JudgedLevel, Rows<NodeKey, NodeState>>>;
  readonly #blocks: Rows<BlockKey, Block>;
  readonly #boards: Rows<Pick<Boards, "stratum">, Boards>;
  /** Hosts by the line that they are on. */
  readonly #lines = new Map<string, Set<string>>();
  rate: Rate;

  constructor(state?: DetectorState) {
    const nodes = (level: JudgedLevel) =>
      new Rows<NodeKey, NodeState>(
        ({ name }) => name,
        state?.nodes.filter((node) => node.level === level),
      );
    this.#hosts = new Rows(({ host }) => host);
    this.#nodes = {
      controller: nodes("controller"),
      pc: nodes("pc"),
      model: nodes("model"),
      release: nodes("release"),
    };
    this.#blocks = new Rows(({ of, name }) => `${of} ${name}`, state?.blocks);
    this.#boards = new Rows(({ stratum }) => stratum, state?.boards);
    this.rate = state?.rate ?? FIRST_RATE;
    for (const host of state?.hosts ?? []) this.keepHost(host);
    this.#hosts.changes();
  }

  host(host: string): HostState | undefined {
    return this.#hosts.get({ host });
  }

  hosts(): readonly HostState[] {
    return this.#hosts.all();
  }

  /** How many hosts a line has, this one counted. */
  hostsOn(line: string, host: string): number {
    const hosts = this.#lines.get(line);
    return (hosts?.size ?? 0) + (hosts?.has(host) ? 0 : 1);
  }

  keepHost(host: HostState): void {
    const before = this.host(host.host);
    this.#hosts.keep(host);
    if (before?.line === host.line) return;
    if (before !== undefined) this.#lines.get(before.line)?.delete(host.host);
    const hosts = this.#lines.get(host.line) ?? new Set();
    this.#lines.set(host.line, hosts.add(host.host));
  }

  node(level: JudgedLevel, name: string): NodeState | undefined {
    return this.#nodes[level].get({ level, name });
  }

  releases(): readonly NodeState[] {
    return this.#nodes.release.all();
  }

  keepNode(node: NodeState): void {
    this.#nodes[node.level].keep(node);
  }

  dropNode({ level, name }: NodeKey): void {
    this.#nodes[level].drop({ level, name });
  }

  block(of: Block["of"], name: string): Block | undefined {
    return this.#blocks.get({ of, name });
  }

  blocks(): readonly Block[] {
    return this.#blocks.all();
  }

  keepBlock(block: Block): void {
    this.#blocks.keep(block);
  }

  dropBlock({ of, name }: BlockKey): void {
    this.#blocks.drop({ of, name });
  }

  boards(stratum: string): Boards | undefined {
    return this.#boards.get({ stratum });
  }

  everyBoards(): readonly Boards[] {
    return this.#boards.all();
  }

  keepBoards(boards: Boards): void {
    this.#boards.keep(boards);
  }

  dropBoards(boards: Boards): void {
    this.#boards.drop(boards);
  }

  state(): DetectorState {
    const nodes = Object.values(this.#nodes).flatMap((level) => level.all());
    const [hosts, blocks, boards] = [this.hosts(), this.blocks(), this.everyBoards()];
    return { hosts, nodes, blocks, boards, rate: this.rate };
  }

  /** Since it was last asked. */
  changes(): DetectorChanges {
    const hosts = this.#hosts.changes();
    const blocks = this.#blocks.changes();
    const boards = this.#boards.changes();
    const nodes = Object.values(this.#nodes).map((level) => level.changes());
    return {
      hosts: hosts.kept,
      nodes: nodes.flatMap(({ kept }) => kept),
      blocks: blocks.kept,
      boards: boards.kept,
      rate: this.rate,
      gone: {
        blocks: blocks.gone.map(({ of, name }) => ({ of, name })),
        nodes: nodes.flatMap(({ gone }) => gone).map(({ level, name }) => ({ level, name })),
        boards: boards.gone.map(({ stratum }) => ({ stratum })),
      },
    };
  }
}
