import { execFileSync } from "node:child_process";
import { FlashlineError } from "@flashline/contract";

/** A network of its own for one process, behind one cable to this machine. */
export interface OwnNetwork {
  /** This machine, as the process sees it, and the process, as this machine sees it. */
  readonly host: string;
  readonly inside: string;
  /** Words before a program that start it there. */
  readonly enter: readonly string[];
  /** Pulls the cable out: what is sent is lost, and nobody is told. */
  cut(): void;
  mend(): void;
  close(): void;
}

const ip = (...words: string[]): void => {
  try {
    execFileSync("ip", words, { stdio: "pipe" });
  } catch (cause) {
    const message = `ip ${words.join(" ")} failed: a network of its own needs Debian's iproute2, and root.`;
    throw new FlashlineError("config.invalid", message, { cause });
  }
};

/** Makes one; `number` from 0 to 250 tells several apart. Throws `config.invalid` where this account makes no networks. */
export function makeNetwork(number: number): OwnNetwork {
  const name = `flashline-${process.pid}-${number}`;
  const [outer, inner] = [
    `fl${process.pid % 100_000}o${number}`,
    `fl${process.pid % 100_000}i${number}`,
  ];
  const [host, inside] = [`10.213.${number}.1`, `10.213.${number}.2`];
  const within = ["netns", "exec", name, "ip"];
  ip("netns", "add", name);
  try {
    ip("link", "add", outer, "type", "veth", "peer", "name", inner, "netns", name);
    ip("addr", "add", `${host}/30`, "dev", outer);
    ip("link", "set", outer, "up");
    ip(...within, "addr", "add", `${inside}/30`, "dev", inner);
    ip(...within, "link", "set", inner, "up");
    ip(...within, "link", "set", "lo", "up");
  } catch (error) {
    ip("netns", "delete", name);
    throw error;
  }
  return {
    host,
    inside,
    enter: ["ip", "netns", "exec", name],
    // The other end: packets leave this machine, and nothing answers. With this end down, senders here would be told.
    cut: () => ip(...within, "link", "set", inner, "down"),
    mend: () => ip(...within, "link", "set", inner, "up"),
    close: () => ip("netns", "delete", name),
  };
}
