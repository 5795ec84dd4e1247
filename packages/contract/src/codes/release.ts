import { CALL, type ContractCodeEntry, image, system } from "./entry.ts";

/** Releases, and how they reach orders. */
export const RELEASE_CODES = {
  "release.agent_cannot": system(
    409,
    "Update the agent. Call the lead.",
    "The release asks for something that this station's agent cannot do, or not with units from where it has them.",
  ),
  "release.signature_missing": image(400, CALL, "The manifest came without a signature."),
  "release.signature_invalid": image(
    422,
    CALL,
    "The signature does not match the manifest's bytes.",
  ),
  "release.signature_legacy": image(
    422,
    CALL,
    "Legacy minisign signatures (Ed, not prehashed) are not accepted.",
  ),
  "release.key_unknown": image(
    422,
    CALL,
    "The manifest is signed by a key that is not trusted here.",
  ),
  "release.key_retired": image(
    422,
    "Sign it with a key that goes on.",
    "The manifest is signed by a key that takes no new releases any more.",
  ),
  "release.manifest_invalid": image(422, CALL, "The manifest is not valid."),
  "release.image_missing": image(422, CALL, "The manifest names an image that was not uploaded."),
  "release.image_digest": image(
    422,
    CALL,
    "The image's bytes do not have the digest that the manifest signs.",
  ),
  "release.counter_used": image(
    409,
    CALL,
    "A release with this or a higher counter exists for the product.",
  ),
  "release.version_used": image(409, CALL, "Another release of the product has this version."),
  "release.unchecked": image(
    409,
    CALL,
    "The release was not checked yet, or its check refused it.",
  ),
  "release.not_released": image(
    409,
    "Release is a draft. Call the lead.",
    "The release is a draft.",
  ),
  "release.revoked": image(409, "Release revoked. Call the lead.", "The release was revoked."),
  "release.not_draft": image(
    409,
    "Revoke it instead.",
    "The release is no draft, or units have it all the same: it is not taken back.",
  ),
  "release.canary_paused": image(
    409,
    "Scan the unit again.",
    "The release is a canary that was paused or has no place left; units get what their order names.",
  ),
  "release.paused": image(
    409,
    "Resume it first, or revoke it.",
    "The release is a canary that was paused.",
  ),
  "release.canary_other": image(
    409,
    "End the other canary first.",
    "Another release of the product is a canary.",
  ),
  "release.no_predecessor": image(
    409,
    "Promote it without a canary.",
    "There is no released release before it that units could get instead.",
  ),
  "exception.invalid": image(422, CALL, "The exception is not valid."),
  "exception.other": image(
    409,
    CALL,
    "The exception is for another release, unit, station or plant.",
  ),
  "exception.not_now": image(409, CALL, "The exception does not hold yet, or not any more."),
  "exception.used_up": image(
    409,
    CALL,
    "As many units as the exception is for were flashed under it.",
  ),
  "exception.withdrawn": image(409, CALL, "The exception was withdrawn."),
  "exception.release_unknown": image(
    422,
    "Publish the release first.",
    "No release here has the manifest that the exception names.",
  ),
  "channel.empty": image(
    409,
    "Move a release into it first.",
    "No release is in the channel: none was moved into it, or it was revoked.",
  ),
  "channel.followed": system(
    409,
    "Give its orders a release first.",
    "Open work orders follow the channel.",
  ),
  "release.expired": image(
    409,
    "Release has expired. Call the lead.",
    "The release's manifest has expired.",
  ),
  "release.chip_unknown": image(422, CALL, "The manifest's chip is not in the part table."),
  "release.product_unknown": image(
    422,
    CALL,
    "The manifest names a product that does not exist here.",
  ),
  "release.counter_step": image(
    422,
    CALL,
    "The release's counter is so far above the last one that it looks like a typing mistake.",
  ),
} as const satisfies Record<string, ContractCodeEntry>;
