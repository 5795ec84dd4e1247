import { Readable } from "node:stream";
import { FlashlineError, LARGEST_IMAGE, type UploadView } from "@flashline/contract";
import type { Database } from "../db/database.ts";
import type { Feature } from "../feature.ts";
import { route } from "../http/route.ts";
import type { App } from "../http/server.ts";
import { actorOf, type Origin } from "../ledger/origin.ts";
import { recordEvent } from "../ledger/record.ts";
import type { Platform } from "../platform.ts";
import { type BlobStore, imageBytes, wholeSize } from "../storage/blobs.ts";
import type { Upload } from "../storage/parts.ts";

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

const SWEEP_EVERY_MS = 600_000;

const noBytes = (what: string): FlashlineError =>
  new FlashlineError("request.invalid", `Send the ${what} bytes as application/octet-stream.`, {
    parameters: { what },
  });

/** Whether the image is here whole, and the database knows it: else a release could not name it. */
async function isKnown(db: Database, blobs: BlobStore, sha256: string): Promise<boolean> {
  const rows = await db.sql.query("SELECT FROM image WHERE sha256 = $1", [sha256]);
  return rows.length > 0 && (await wholeSize(blobs, sha256)) !== undefined;
}

/** Uploads in parts. */
function partsRoutes(app: App, { db, blobs, parts }: Platform): void {
  async function standing(upload: Upload): Promise<UploadView> {
    if (await isKnown(db, blobs, upload.sha256)) {
      return { ...upload, offset: upload.size, complete: true, expiresAt: null };
    }
    const { offset, expiresAt } = await parts.standing(upload);
    return { ...upload, offset, complete: false, expiresAt: expiresAt?.toISOString() ?? null };
  }
  route(app, "upload", async ({ params, query }) => ({
    status: 200,
    body: await standing({ ...params, ...query }),
  }));
  route(app, "uploadPart", async ({ params, query, bytes, by }) => {
    // A request without bytes ends an upload whose last part came in before a server was killed.
    const isRest = query.offset === query.size;
    if (bytes === undefined && !isRest) throw noBytes("part's");
    const part = bytes?.iterator({ destroyOnReturn: false }) ?? Readable.from([]);
    const upload = { sha256: params.sha256, size: query.size };
    // A server that was killed between the last part and its row has the whole image.
    const size = await wholeSize(blobs, upload.sha256);
    const whole = size === undefined && (await parts.append(upload, query.offset, part));
    if (size === undefined && !whole) return { status: 200, body: await standing(upload) };
    const image = { sha256: upload.sha256, size: size ?? upload.size };
    const isNew = await addImage(db, image, by);
    const { size: all } = image;
    const body = { ...image, offset: all, complete: true, expiresAt: null };
    return { status: isNew ? 201 : 200, body };
  });
  route(app, "dropUpload", async ({ params, query }) => {
    await parts.drop({ ...params, ...query });
    return { status: 204, body: null };
  });
}

export function imagesFeature(app: App, platform: Platform): Feature {
  const { db, blobs, parts } = platform;
  partsRoutes(app, platform);
  route(app, "uploadImage", async ({ bytes, by }) => {
    if (bytes === undefined) {
      throw noBytes("image's");
    }
    const stored = await blobs.put(bytes.iterator({ destroyOnReturn: false }), LARGEST_IMAGE);
    if (stored.size === 0) throw new FlashlineError("request.invalid", "The image is empty.");
    const isNew = await addImage(db, stored, by);
    return { status: isNew ? 201 : 200, body: stored };
  });
  route(app, "image", async ({ params }) => {
    const { sha256 } = params;
    const known = await db.sql.query("SELECT FROM image WHERE sha256 = $1", [sha256]);
    if (known.length === 0)
      throw new FlashlineError("request.not_found", "There is no such image.");
    const bytes = await imageBytes(blobs, sha256);
    return {
      status: 200,
      body: null,
      stream: Readable.from([bytes]),
      headers: {
        "content-type": "application/octet-stream",
        "content-length": String(bytes.length),
        "cache-control": "private, max-age=31536000, immutable",
        etag: `"${sha256}"`,
      },
    };
  });
  return {
    handlers: {},
    tasks: [{ name: "unfinished-uploads", everyMs: SWEEP_EVERY_MS, run: () => parts.sweep() }],
  };
}
