import { FlashlineError } from "@flashline/contract";
import type { Database } from "../db/database.ts";
import type { Feature } from "../feature.ts";
import { route } from "../http/route.ts";
import type { App } from "../http/server.ts";
import { actorOf, type Origin } from "../ledger/origin.ts";
import { recordEvent } from "../ledger/record.ts";
import type { Platform } from "../platform.ts";
import { imageElsewhere } from "../storage/blobs.ts";

/** The largest STM32 flash is 4 MiB; formats with text need about three bytes for one. */
const IMAGE_LIMIT = 16 * 1024 * 1024;

/** False when the image was known already. */
function addImage(
  db: Database,
  { sha256, size }: { readonly sha256: string; readonly size: number },
  by: Origin,
): Promise<boolean> {
  return db.transaction(async (sql) => {
    const added = await sql.execute(
      "INSERT INTO image (sha256, size, created_by) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
      [sha256, size, actorOf(by)],
    );
    if (added === 0) return false;
    await recordEvent(sql, { kind: "image.uploaded", by, subject: { id: sha256 }, data: { size } });
    return true;
  });
}

export function imagesFeature(app: App, { db, blobs }: Platform): Feature {
  route(app, "uploadImage", async ({ bytes, by }) => {
    if (bytes === undefined) {
      throw new FlashlineError(
        "request.invalid",
        "Send the image's bytes as application/octet-stream.",
      );
    }
    const stored = await blobs.put(bytes.iterator({ destroyOnReturn: false }), IMAGE_LIMIT);
    if (stored.size === 0) throw new FlashlineError("request.invalid", "The image is empty.");
    const isNew = await addImage(db, stored, by);
    return { status: isNew ? 201 : 200, body: stored };
  });
  route(app, "image", async ({ params }) => {
    const blob = await blobs.open(params.sha256);
    if (blob === undefined) {
      const known = await db.sql.query("SELECT FROM image WHERE sha256 = $1", [params.sha256]);
      throw known.length > 0
        ? imageElsewhere(params.sha256)
        : new FlashlineError("request.not_found", "There is no such image.");
    }
    return {
      status: 200,
      body: null,
      stream: blob.stream,
      headers: {
        "content-type": "application/octet-stream",
        "content-length": String(blob.size),
        "cache-control": "private, max-age=31536000, immutable",
        etag: `"${params.sha256}"`,
      },
    };
  });
  return { handlers: {} };
}
