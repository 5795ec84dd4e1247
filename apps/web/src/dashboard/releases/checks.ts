import type { KeyView, ReleaseDryRun, ReleaseView } from "@flashline/contract";

export interface Check {
  readonly name: string;
  readonly level: "ok" | "warn" | "fail" | "open";
  readonly sentence: string;
}

const SOON_DAYS = 14;

function keyCheck({ keyId }: ReleaseView, key: KeyView | undefined): Check {
  const name = "Signature";
  if (key === undefined) return { name, level: "ok", sentence: `By key ${keyId}.` };
  const by = `By key ${key.name} (${keyId})`;
  if (key.state === "revoked")
    return { name, level: "fail", sentence: `${by}, which was revoked.` };
  if (key.state === "retired") {
    return { name, level: "warn", sentence: `${by}, which signs nothing new any more.` };
  }
  if (key.state === "retiring") {
    return { name, level: "warn", sentence: `${by}, which retires soon: promote it before.` };
  }
  return { name, level: "ok", sentence: `${by}, which is trusted.` };
}

function imagesCheck({ check, checkMessage, chip, images }: ReleaseView): Check {
  const name = "Images";
  if (check === "pending") {
    return { name, level: "open", sentence: "The server reads the images; this takes seconds." };
  }
  if (check === "refused") {
    return { name, level: "fail", sentence: checkMessage ?? "The check refused them." };
  }
  const what = images.length === 1 ? "The image is" : `All ${images.length} images are`;
  return { name, level: "ok", sentence: `${what} here as signed, and fit a ${chip}.` };
}

function expiryCheck({ daysLeft }: ReleaseView): Check {
  const name = "Expiry";
  if (daysLeft === null) return { name, level: "ok", sentence: "It does not expire." };
  if (daysLeft < 0) return { name, level: "fail", sentence: "It has expired: no unit is started." };
  const sentence = `${daysLeft} ${daysLeft === 1 ? "day is" : "days are"} left.`;
  return { name, level: daysLeft <= SOON_DAYS ? "warn" : "ok", sentence };
}

function boardsCheck({ boardRevisions }: ReleaseView, run: ReleaseDryRun | undefined): Check {
  const name = "Board revisions";
  const others = (run?.orders ?? [])
    .filter(({ reached }) => reached !== "no")
    .reduce((all, { otherBoards }) => all + otherBoards, 0);
  if (others > 0 && boardRevisions.length > 0) {
    const sentence = `It is for ${boardRevisions.join(", ")}; ${others} units on the lists of its orders have another one and are refused.`;
    return { name, level: "warn", sentence };
  }
  return {
    name,
    level: "ok",
    sentence:
      boardRevisions.length === 0 ? "For all of them." : `For ${boardRevisions.join(", ")}.`,
  };
}

/** What has to be right before a release reaches units, each with how it is. `run`: what a promotion would meet now. */
export function checksOf(
  release: ReleaseView,
  key: KeyView | undefined,
  run: ReleaseDryRun | undefined,
): readonly Check[] {
  const checks = [
    keyCheck(release, key),
    imagesCheck(release),
    boardsCheck(release, run),
    expiryCheck(release),
  ];
  const refusal = run?.refusal ?? null;
  const isOpen = release.state === "draft" || release.state === "canary";
  if (isOpen && release.check !== "pending" && refusal !== null) {
    checks.push({ name: "Promotion", level: "fail", sentence: refusal.message });
  } else if (isOpen && refusal === null && run !== undefined) {
    checks.push({ name: "Promotion", level: "ok", sentence: "Nothing stands in its way." });
  }
  return checks;
}
