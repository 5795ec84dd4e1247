import type { Door } from "@flashline/contract";

/** Whose deed it was, as the server proved it. A person is known by name: the ledger keeps it apart, so that it can be erased. */
export type Who =
  | { readonly kind: "person"; readonly name: string }
  | { readonly kind: "token" | "station"; readonly id: string; readonly name: string }
  | { readonly kind: "system"; readonly name: string }
  | { readonly kind: "nobody" };

/** Who did it, and from where. A handler has it ready as `by`; nobody builds it by hand. */
export interface Origin {
  readonly who: Who;
  /** IP address of who asked; null where nobody asked over the network. */
  readonly address: string | null;
  readonly door: Door;
  /** Name of the endpoint, command or task. */
  readonly operation: string;
  /** The plant that the caller belongs to: a station's. Null: none, or not known. */
  readonly plantId: string | null;
}

/** What a command of `flashline-server` does: whoever may run it may do anything. */
export const commandLine = (command: string): Origin => ({
  who: { kind: "system", name: "command line" },
  address: null,
  door: "command-line",
  operation: command,
  plantId: null,
});

/** What the server does by itself: in a periodic task or as a queue's work. */
export const ofServer = (task: string): Origin => ({
  who: { kind: "system", name: "server" },
  address: null,
  door: "server",
  operation: task,
  plantId: null,
});

/** The same request once it is known who sent it: a log-in, an enrollment. */
export const provedAs = (by: Origin, who: Who, plantId: string | null = null): Origin => ({
  ...by,
  who,
  plantId,
});

/** For "created by": a person's name, "token ci", "system". */
export function actorOf({ who }: Origin): string {
  switch (who.kind) {
    case "person":
      return who.name;
    case "nobody":
      return "nobody";
    default:
      return `${who.kind} ${who.name}`;
  }
}
