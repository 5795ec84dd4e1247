import type { EndpointName } from "@flashline/contract";
import type { LinkProps } from "@tanstack/react-router";
import type { ComponentType } from "react";
import type { IconName } from "../../../shared/icons.tsx";

/** One page of the navigation. */
export interface NavEntry {
  readonly to: NonNullable<LinkProps["to"]>;
  readonly icon: IconName;
  readonly name: string;
  /** What the page asks for: who may not ask it does not see the entry. */
  readonly needs?: EndpointName;
  /** It shows a selection of attempts, which stays on the way from one such page to another. */
  readonly selects?: true;
  /** A number to look at, beside the name. */
  readonly mark?: ComponentType;
}

/** Pages that serve one purpose. */
export interface NavGroup {
  readonly name: string;
  readonly entries: readonly NavEntry[];
}
