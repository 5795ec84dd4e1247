import { z } from "zod";
import { CanaryView } from "./canary.ts";
import { Id, Name, Sha256, Timestamp, text } from "./common.ts";
import { Recipe, RecipeView, recipeProblems } from "./recipe.ts";
import { ReleaseState } from "./states.ts";

/**
 * A release's manifest. What is signed, stored and sent on are the exact bytes that were uploaded, never a
 * re-serialisation; this schema only reads them.
 */
export const Manifest = z
  .object({
    /** 2 where the recipe has more than remainder, profile and leave: agents that know 1 only refuse it. */
    schema: z.union([z.literal(1), z.literal(2)]),
    product: Name,
    /** Empty: every revision. */
    boardRevisions: z.array(text(120)).default([]),
    /** Part table name, "STM32F407". */
    chip: text(120, 1),
    version: text(60, 1),
    /** Grows with every release of the product; a lower one is refused. */
    counter: z.int32().positive(),
    images: z
      .array(
        z.object({
          name: text(200, 1),
          sha256: Sha256,
          size: z.int32().positive(),
          /** For raw images; default 0x08000000. Not allowed where the file carries addresses. */
          address: z.number().int().nonnegative().optional(),
        }),
      )
      .min(1)
      .max(8),
    recipe: Recipe.default({ remainder: "discard", profile: "standard", leave: true }),
    expiresAt: Timestamp.optional(),
  })
  .superRefine(({ schema, recipe, images }, context) => {
    for (const name of recipe.rawImages ?? []) {
      if (images.some((image) => image.name === name)) continue;
      const message = `there is no image ${name}`;
      context.addIssue({ code: "custom", path: ["recipe", "rawImages"], message });
    }
    for (const [path, message] of recipeProblems(schema, recipe)) {
      context.addIssue({ code: "custom", path: ["recipe", ...path], message });
    }
  });
export type Manifest = z.infer<typeof Manifest>;

/** How an image of a release is to be read: the same when it is signed, checked and flashed. */
export const readingOf = (
  { name, address }: Pick<Manifest["images"][number], "name" | "address">,
  { rawImages = [] }: Pick<Recipe, "rawImages">,
): { readonly name: string; readonly address?: number; readonly format?: "raw" } => ({
  name,
  ...(address === undefined ? {} : { address }),
  ...(rawImages.includes(name) ? { format: "raw" } : {}),
});

/** The digest by which a manifest names the image, and its size in bytes. */
export const ImageUploaded = z.object({ sha256: Sha256, size: z.number().int() });

/** A manifest that is larger is not taken, bytes. */
export const LARGEST_MANIFEST = 150_000;

/** A manifest and its signature, exactly as they were signed. */
export const PublishRequest = z.object({
  /** Base64 of the manifest's exact bytes. */
  manifest: z
    .string()
    .min(1)
    .max((LARGEST_MANIFEST / 3) * 4),
  /** Text of the `.minisig` file. */
  signature: z.string().max(4000),
});

/** A release with the state of its check and who did what to it. */
export const ReleaseView = z.object({
  id: Id,
  product: z.string(),
  version: z.string(),
  counter: z.number().int(),
  chip: z.string(),
  boardRevisions: z.array(z.string()),
  state: z.enum(ReleaseState),
  check: z.enum(["pending", "passed", "refused"]),
  /** Why the check refused. */
  checkCode: z.string().nullable(),
  checkMessage: z.string().nullable(),
  keyId: z.string(),
  manifestSha256: Sha256,
  images: z.array(
    z.object({
      name: z.string(),
      sha256: Sha256,
      size: z.number().int(),
      format: z.string().nullable(),
    }),
  ),
  recipe: RecipeView,
  createdAt: z.string(),
  createdBy: z.string(),
  releasedAt: z.string().nullable(),
  revokedAt: z.string().nullable(),
  revokedReason: z.string().nullable(),
  /** After it no unit is started with the release; null: never. */
  expiresAt: z.string().nullable(),
  /** Whole days until then; negative once it is over. Null: it does not expire. */
  daysLeft: z.number().int().nullable(),
  /** Null where it never was one. */
  canary: CanaryView.nullable(),
  /** Names of the channels that it is in. */
  channels: z.array(z.string()),
  /** Units that passed and failed with it so far. */
  passed: z.number().int(),
  failed: z.number().int(),
});
export type ReleaseView = z.infer<typeof ReleaseView>;

/** What else is done when a release is promoted. */
export const PromoteQuery = z.object({
  /** "true": open orders that name its predecessor take it from their next unit on. */
  moveOrders: z.enum(["true", "false"]).default("false"),
  /** Channels of the product that are moved to it in the same transaction, with commas between them. Needs a reason. */
  channels: text(1000).optional(),
  reason: text(500).trim().min(3).optional(),
});

/** Why a draft is taken back before anybody got it. */
export const WithdrawRequest = z.object({ reason: text(500).trim().min(3) });

/** Why a release must not be started any more; for everybody who reads its page. */
export const RevokeRequest = z.object({ reason: text(500).trim().min(3) });
