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

/** Lists that are read at a time: each has a connection for as long as its reader takes. */
const MOST_LISTS = 3;
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
  let lists = 0;

  route(app, "containment", async ({ query }) => ({
    status: 200,
    body: await containment.count(await findSelection(db.sql, query)),
  }));
  route(
    app,
    "containmentList",
    async ({ query, signal }) => {
      const selection = await findSelection(db.sql, query);
      if (lists >= MOST_LISTS) throw tooMany(AGAIN_S);
      lists += 1;
      const stream = await containment.list(selection, signal).catch((error: unknown) => {
        lists -= 1;
        throw error;
      });
      finished(stream, () => {
        lists -= 1;
      });
      return {
        status: 200,
        body: null,
        stream,
        headers: { ...file("containment.csv"), "content-type": "text/csv; charset=utf-8" },
      };
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
