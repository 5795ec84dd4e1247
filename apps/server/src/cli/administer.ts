import { readFile } from "node:fs/promises";
import path from "node:path";
import { called, FlashlineError, type KeyRadius } from "@flashline/contract";
import { eraseName } from "../audit/erase.ts";
import { CREDENTIALS_TOPIC } from "../auth/feature.ts";
import { type Rebuilt, rebuildVerdict } from "../judging/rebuild.ts";
import { keysRepository } from "../keys/repository.ts";
import { keysService } from "../keys/service.ts";
import { commandLine } from "../ledger/origin.ts";
import { peopleOn } from "../people/feature.ts";
import type { Platform } from "../platform.ts";
import { revokeOn } from "../releases/revoke.ts";
import { stationsRepository } from "../stations/repository.ts";
import { tokensRepository } from "../tokens/repository.ts";
import { tokensService } from "../tokens/service.ts";
import { type CountedAnew, rebuildCounts } from "../yield/counts/rebuild.ts";
import type { ServerCommand } from "./arguments.ts";
import type { AuditCommand } from "./audit.ts";

/** Whoever runs a command there gives no reason. */
const ON_SERVER = "revoked by a command on the server";

function revokedText({ key, releases }: KeyRadius): string {
  const text = `Releases signed by key ${key.keyId} are no longer accepted.`;
  if (releases.length === 0) return text;
  const names = releases.map(({ product, version }) => `${product} ${version}`).join(", ");
  return `${text} Revoked with it: ${names}.`;
}

function rebuiltText({ visits, same }: Rebuilt): string {
  const before =
    same === null
      ? "A server that runs did some of it: whether it is as before was not looked at."
      : `It is ${same ? "as it was before" : "NOT as it was before"}.`;
  return `The verdict was worked out anew from ${visits} results. ${before}`;
}

function countedText({ days, rows, wrong }: CountedAnew): string {
  const text = `The attempts of ${days} days were counted anew: ${rows} rows.`;
  if (wrong.length === 0) return `${text} They are as they were before.`;
  return `${text} They were WRONG on ${wrong.map((day) => day.slice(0, 10)).join(", ")}, and are right now.`;
}

export interface Streams {
  /** The password that was given; asked for by `user add`. */
  readonly readPassword: (fromStdin: boolean) => Promise<string>;
  readonly print: (line: string) => void;
}

/** A command that works on a server's data. */
export type Task = Exclude<
  ServerCommand,
  AuditCommand | { name: "start" | "migrate" | "config" | "backup" | "restore" | "drill" }
>;

function must(done: boolean, problem: string): void {
  if (!done) throw new FlashlineError("request.not_found", problem);
}

/** Does one administrator's command on an open platform. Rejects with a FlashlineError whose message is for people. */
export async function administer(
  command: Task,
  { db, bus }: Pick<Platform, "db" | "bus">,
  { print, readPassword }: Streams,
): Promise<void> {
  const people = peopleOn(db);
  const tokens = tokensService(tokensRepository(db));
  const keys = keysService(keysRepository(db, revokeOn));
  const by = commandLine(command.name);
  switch (command.name) {
    case "user add": {
      const password = await readPassword(command.stdin);
      await people.save(command.person, command.role, password, by);
      return print(`${command.person} can log in as ${command.role}.`);
    }
    case "user disable":
      await people.disable(command.person, undefined, by);
      return print(`${command.person} can no longer log in.`);
    case "user erase":
      must(await eraseName(db, command.person, by), `Nobody is called ${command.person}.`);
      return print(
        `The name ${command.person} is gone. Back-ups that were taken before still hold it.`,
      );
    case "token add":
      return print(
        (
          await tokens.add(
            { name: command.token, scopes: command.scopes, days: command.days },
            null,
            by,
          )
        ).secret,
      );
    case "token revoke": {
      const { count } = await tokens.revoke(command.token, undefined, by);
      must(count > 0, `There is no valid token ${command.token}.`);
      return print(`Revoked ${count === 1 ? "the token" : `${count} tokens`} ${command.token}.`);
    }
    case "key add": {
      const text = await readFile(command.file, "utf8").catch((cause: unknown) => {
        throw new FlashlineError("request.invalid", `${command.file} cannot be read.`, { cause });
      });
      const name = command.title ?? path.basename(command.file, ".pub");
      const { keyId } = await keys.trust(name, text, by);
      return print(`Releases signed by key ${keyId} (${name}) are accepted.`);
    }
    case "key revoke":
      return print(revokedText(await keys.revoke(command.keyId, ON_SERVER, by)));
    case "station revoke": {
      const revoked = await stationsRepository(db).revoke(command.station, by);
      must(
        revoked !== undefined,
        `${called("Station", command.station)} has neither a credential nor an enrollment token.`,
      );
      bus.publish(CREDENTIALS_TOPIC, { revoked });
      return print(
        `${called("Station", command.station)} has to be enrolled again, with a new token.`,
      );
    }
    case "verdict rebuild":
      return print(rebuiltText(await rebuildVerdict(db)));
    case "yield rebuild":
      return print(countedText(await rebuildCounts(db)));
  }
}
