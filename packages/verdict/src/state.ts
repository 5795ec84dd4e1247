import type { Block } from "./block.ts";
import type { HostState } from "./host.ts";
import type { Rate } from "./line.ts";
import type { NodeState } from "./node.ts";

/** All that a detector keeps. JSON; the order within the lists means nothing. */
export interface DetectorState {
  readonly hosts: readonly HostState[];
  readonly nodes: readonly NodeState[];
  /** Blocks that have not closed yet. */
  readonly blocks: readonly Block[];
  readonly rate: Rate;
}
