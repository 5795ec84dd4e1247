import type { Feature } from "../feature.ts";
import { csvAnswer, fileHeaders } from "../http/files.ts";
import { route } from "../http/route.ts";
import type { App } from "../http/server.ts";
import { places } from "../limits/places.ts";
import type { Platform } from "../platform.ts";
import { findSelection } from "../selection/find.ts";
import { containmentRepository } from "./containment.repository.ts";
import { dossiers } from "./dossier.ts";
import { dossierPdf } from "./pdf.ts";

/** Containments that are worked out or read at a time: each has a connection of its own for as long as that takes. */
const MOST_ASKED = 3;

/** What became of one unit, and of all that something bad may have reached. */
export function traceFeature(app: App, { db }: Platform): Feature {
  const containment = containmentRepository(db);
  const dossier = dossiers(db);
  const inPlace = places(MOST_ASKED);

  route(
    app,
    "containment",
    async ({ query, signal }) => {
      const { found } = await findSelection(db.sql, query);
      return await inPlace(async (done) => {
        const body = await containment.count(found, signal);
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
      const { found } = await findSelection(db.sql, query);
      return await inPlace(async (done) => {
        return csvAnswer("containment.csv", await containment.list(found, signal), done);
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
      headers: { ...fileHeaders(`unit-${params.id}.pdf`), "content-type": "application/pdf" },
    };
  });
  return { handlers: {} };
}
