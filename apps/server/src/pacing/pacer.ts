import { createHash } from "node:crypto";
import type { TrialProfile } from "@flashline/contract";
import { partNamed } from "@flashline/dfu-core";
import { armInControl, armInPair, CONTROL_OF, standingOf } from "@flashline/verdict";
import type { Database } from "../db/database.ts";
import { jsonText } from "../db/json-text.ts";
import { ofServer } from "../ledger/origin.ts";
import { recordEvent } from "../ledger/record.ts";
import { nameOfKind } from "./kind.ts";
import { addTurn, givenProfile, nextPlace, placeOf } from "./turn.repository.ts";

/** What is known of a host when an attempt has been started at it. */
export interface StartedAt {
  /** An engineer has set it. */
  readonly profile: TrialProfile | null;
  /** Units may be tried with gentler pacing there. */
  readonly tries: boolean;
}

/** Which profile an attempt starts with. */
export interface Pacer {
  /** Of an attempt that has just been started. Null: its release says. */
  profileAt(attemptId: string, host: StartedAt): Promise<TrialProfile | null>;
  /** The same that it was told before. */
  again(attemptId: string): Promise<TrialProfile | null>;
}

const familyOf = (chip: string): string => partNamed(chip)?.family ?? chip;

/** 0 … 1, the same for the same words, and not to be guessed from other ones: which of a pair comes first is nobody's choice. */
function coinOf(...words: readonly (string | number)[]): number {
  const digest = createHash("sha256").update(words.join(" ")).digest();
  return digest.readUInt32BE(0) / 2 ** 32;
}

export function pacer(db: Database): Pacer {
  const take = (attemptId: string): Promise<TrialProfile | null> =>
    db.transaction(async (sql) => {
      const known = await placeOf(sql, attemptId);
      if (known === undefined) return null;
      const { chip, ...kind } = known;
      const family = familyOf(chip);
      const figures = jsonText(standingOf([]).figures);
      const taken = await nextPlace(sql, { ...kind, family, figures });
      if (taken === undefined || taken.place === null) return null;
      const { id: trialId, state, round, isNew, place } = taken;
      const { releaseId } = kind;
      const coin = (size: number) =>
        coinOf(trialId, round, state, releaseId, Math.floor(place / size));
      const profile =
        state === "running" ? armInPair(place, coin(2)) : armInControl(place, coin(CONTROL_OF));
      await addTurn(sql, {
        attemptId,
        trialId,
        round,
        state,
        releaseId,
        place,
        profile,
      });
      if (isNew) {
        const { controller, hub, virtual, plantId } = kind;
        await recordEvent(sql, {
          kind: "pacing.begun",
          by: ofServer("pacing"),
          plantId,
          subject: { id: trialId, name: nameOfKind({ controller, hub, family }) },
          data: { controller, hub, family, virtual },
        });
      }
      return profile;
    });
  return {
    async profileAt(attemptId, { profile, tries }) {
      if (profile !== null) return profile;
      return tries ? await take(attemptId) : null;
    },
    again: (attemptId) => givenProfile(db.sql, attemptId),
  };
}
