import { finished } from "node:stream";
import type { Feature } from "../feature.ts";
import { route } from "../http/route.ts";
import type { App } from "../http/server.ts";
import { tooMany } from "../limits/tries.ts";
import type { Platform } from "../platform.ts";
import { containmentRepository } from "./containment.repository.ts";
import { dossiers } from "./dossier.ts";
import { dossierPdf } from "./pdf.ts";
import { findSelection } from "./selection.ts";

/** Containments that are worked out or read at a time: each has a connection of its own for as long as that takes. */
const MOST_ASKED = 3;
/** When to ask again where they all are in use, seconds. */
const AGAIN_S = 10;

const PRIVATE = { "cache-control": "private, no-store" } as const;
const file = (name: string) => ({
  ...PRIVATE,
  "content-disposition": `attachment; filename="${name}"`,
});

/** What became of one unit, and of all that something bad may have reached. */
export function traceFeature(app: App, { db }: Platform): Feature {
  const containment = containmentRepository(db);
  const dossier = dossiers(db);
  let asked = 0;
  /** Holds a place until `done` is called. Rejects with `request.too_many` where none is free. */
  async function inPlace<T>(work: (done: () => void) => Promise<T>): Promise<T> {
    if (asked >= MOST_ASKED) throw tooMany(AGAIN_S);
    asked += 1;
    const done = () => {
      asked -= 1;
    };
    return await work(done).catch((error: unknown) => {
      done();
      throw error;
    });
  }

  route(
    app,
    "containment",
    async ({ query, signal }) => {
      const selection = await findSelection(db.sql, query);
      return await inPlace(async (done) => {
        const body = await containment.count(selection, signal);
        done();
        return { status: 200, body };
      });
    },
    { patient: true },
  );
  route(
    app,
    "containmentList",
    async ({ query, signal }) => {
      const selection = await findSelection(db.sql, query);
      return await inPlace(async (done) => {
        const stream = await containment.list(selection, signal);
        finished(stream, done);
        const headers = { ...file("containment.csv"), "content-type": "text/csv; charset=utf-8" };
        return { status: 200, body: null, stream, headers };
      });
    },
    { patient: true },
  );
  route(app, "dossier", async ({ params }) => ({ status: 200, body: await dossier(params.id) }));
  route(app, "dossierPdf", async ({ params }) => {
    const told = await dossier(params.id);
    return {
      status: 200,
      body: null,
      stream: dossierPdf(told),
      headers: { ...file(`unit-${params.id}.pdf`), "content-type": "application/pdf" },
    };
  });
  return { handlers: {} };
}
