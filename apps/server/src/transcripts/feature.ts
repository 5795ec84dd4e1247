import { Readable } from "node:stream";
import type { Feature } from "../feature.ts";
import { route } from "../http/route.ts";
import type { App } from "../http/server.ts";
import type { Platform } from "../platform.ts";
import { type Owner, transcriptsRepository } from "./repository.ts";
import { transcriptsService } from "./service.ts";

/** Transcripts are kept for days, so an hour more does not matter. */
const FORGET_EVERY_MS = 3_600_000;

export function transcriptsFeature(app: App, { db, config }: Platform): Feature {
  const repository = transcriptsRepository(db);
  const transcripts = transcriptsService(repository);
  route(app, "sendTranscript", async ({ caller, params, bytes }) => ({
    status: (await transcripts.keep(caller.stationId, params.id, bytes)) ? 201 : 200,
    body: null,
  }));
  const fileOf = async (owner: Owner, id: string) => {
    const file = await transcripts.file(owner, id);
    return {
      status: 200,
      body: null,
      stream: Readable.from([file]),
      headers: {
        "content-type": "application/x-pcapng",
        "content-length": String(file.length),
        "content-disposition": `attachment; filename="${owner}-${id}.pcapng"`,
        "cache-control": "private, no-store",
      },
    } as const;
  };
  route(app, "transcript", ({ params }) => fileOf("attempt", params.id));
  route(app, "goldenTranscript", ({ params }) => fileOf("golden-check", params.id));
  return {
    handlers: {},
    tasks: [
      {
        name: "transcripts",
        everyMs: FORGET_EVERY_MS,
        async run() {
          await repository.forget(config.transcriptDays, config.transcriptBytes);
        },
      },
    ],
  };
}
