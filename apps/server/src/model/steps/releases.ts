import { tell } from "../plant/rules.ts";
import { answered, type Step } from "./step.ts";

const reason = "by the model";

const RELEASE_DEEDS = {
  promote: { from: "draft", to: "released", event: "release.released" },
  revoke: { from: "released", to: "revoked", event: "release.revoked" },
  withdraw: { from: "draft", to: "withdrawn", event: "release.withdrawn" },
} as const;
export type ReleaseDeed = keyof typeof RELEASE_DEEDS;

/** The answer where a release is not in the state from which the deed leads. */
function releaseAnswer(deed: ReleaseDeed, state: string): string {
  if (state === "withdrawn") return "request.not_found";
  if (deed === "withdraw") return "release.not_draft";
  if (deed === "promote") return state === "revoked" ? "release.revoked" : "ok";
  return state === "draft" ? "release.not_released" : "ok";
}

export const changeRelease = (deed: ReleaseDeed, release: number): Step => ({
  name: `${deed} of release ${release}`,
  plan: () => ({
    model(s) {
      const { from, to, event } = RELEASE_DEEDS[deed];
      const state = s.releases[release] ?? "withdrawn";
      if (state !== from) return releaseAnswer(deed, state);
      s.releases[release] = to;
      tell(s, event);
      return "ok";
    },
    real(world, replica) {
      const call = world.people(replica);
      const of = { id: world.releases[release]?.id ?? "" };
      if (deed === "promote") return answered(call("promote", { params: of }));
      if (deed === "revoke") return answered(call("revoke", { params: of, body: { reason } }));
      return answered(call("withdrawRelease", { params: of, body: { reason } }));
    },
  }),
});
