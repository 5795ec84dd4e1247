import { fileURLToPath } from "node:url";
import { type AttemptDetail, labelSentence, type UnitDossier } from "@flashline/contract";
import PDFDocument from "pdfkit";

/** Latin, Greek and Cyrillic letters; what it lacks is in the JSON that is attached. */
const FONT = fileURLToPath(import.meta.resolve("dejavu-fonts-ttf/ttf/DejaVuSans.ttf"));
const BOLD = fileURLToPath(import.meta.resolve("dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf"));

const MARGIN = 48;
const NAMES_WIDTH = 100;
const SIZES = { title: 18, head: 11, text: 8.5, small: 7 } as const;
const COLOURS = { ink: "#1b1f24", faint: "#5b6570", line: "#c9d0d8", head: "#eef1f4" } as const;
/** Hexadecimal digits of a digest that tell it apart for a reader; the whole one is in the JSON. */
const DIGEST_SHOWN = 16;

type Document = InstanceType<typeof PDFDocument>;

/** "2026-11-28 08:15:02 UTC". */
const when = (at: string | null): string =>
  at === null ? "–" : `${at.slice(0, 19).replace("T", " ")} UTC`;
const short = (digest: string): string => `${digest.slice(0, DIGEST_SHOWN)}…`;
const seconds = (ms: number | null): string => (ms === null ? "–" : `${(ms / 1_000).toFixed(1)} s`);

function heading(page: Document, text: string): void {
  // A heading alone at the foot of a page heads nothing.
  if (page.y > page.page.height - MARGIN - 80) page.addPage();
  page.moveDown(1).font(BOLD).fontSize(SIZES.head).fillColor(COLOURS.ink).text(text, MARGIN);
  page.moveDown(0.4).font(FONT).fontSize(SIZES.text);
}

function table(
  page: Document,
  heads: readonly string[],
  widths: readonly (number | "*")[],
  rows: readonly (readonly string[])[],
): void {
  const { ink, line, head } = COLOURS;
  page.font(FONT).fontSize(SIZES.small).fillColor(ink);
  page.table({
    columnStyles: [...widths],
    defaultStyle: { border: [0, 0, 0.5, 0], borderColor: line, padding: [3, 4, 3, 3] },
    rowStyles: (row) => (row === 0 ? { backgroundColor: head } : undefined),
    data: [heads.map((text) => ({ text, font: { src: BOLD } })), ...rows.map((row) => [...row])],
  });
  page.font(FONT).fontSize(SIZES.text);
}

/** Names in a column, and what they are beside them. */
function facts(page: Document, pairs: readonly (readonly [string, string])[]): void {
  const width = page.page.width - 2 * MARGIN - NAMES_WIDTH;
  for (const [name, value] of pairs) {
    const { y } = page;
    page.fillColor(COLOURS.faint).text(name, MARGIN, y, { width: NAMES_WIDTH, lineBreak: false });
    page.fillColor(COLOURS.ink).text(value, MARGIN + NAMES_WIDTH, y, { width, paragraphGap: 2 });
  }
  page.x = MARGIN;
}

const place = ({ station, nest, host }: AttemptDetail): string =>
  host === station ? `${station}/${nest}` : `${station}/${nest}, ${host}`;
const fate = ({ outcome, code, contradictions, exception }: AttemptDetail): string =>
  [
    outcome ?? "not reported",
    code ?? "",
    contradictions.length > 0 ? "contradicted" : "",
    exception === null ? "" : "under an exception",
  ]
    .filter((part) => part !== "")
    .join(", ");

/** How the unit was flashed last, as a card. */
function lastAttempt(page: Document, { attempts, releases }: UnitDossier): void {
  heading(page, "Last attempt");
  const last = attempts[0];
  if (last === undefined) {
    page.text("Nobody flashed this unit.");
    return;
  }
  const release = releases.find(({ version }) => version === last.version);
  facts(page, [
    ["Outcome", fate(last)],
    ["Begun", when(last.startedAt)],
    ["Release", `${last.version}${release === undefined ? "" : `, counter ${release.counter}`}`],
    ...(release === undefined
      ? []
      : ([
          ["Manifest SHA-256", release.manifestSha256],
          ["Signed by", `key ${release.keyId}`],
          ...release.images.map(
            ({ name, sha256, size }) => [`Image ${name}`, `${size} bytes, ${sha256}`] as const,
          ),
        ] as const)),
    ["Where", `${place(last)}, port ${last.portPath}, ${last.controller}`],
    ["Chip", `${last.chip ?? "–"}${last.chipMatch === null ? "" : ` (${last.chipMatch})`}`],
    ["Order", last.workOrder],
    ...(last.operator === null
      ? []
      : ([["Operator", last.operator.name ?? last.operator.id]] as const)),
    ...(last.exception === null
      ? []
      : ([
          [
            "Exception",
            `${last.exception.id}: ${last.exception.reason} (${last.exception.lifts.join(", ")})`,
          ],
        ] as const)),
    ["Agent", last.agentVersion ?? "–"],
  ]);
}

function body(page: Document, dossier: UnitDossier): void {
  const { unit, attempts, attemptsInAll, holds, releases, events } = dossier;
  page
    .font(BOLD)
    .fontSize(SIZES.title)
    .fillColor(COLOURS.ink)
    .text(`${unit.product} ${unit.serial}`);
  page.font(FONT).fontSize(SIZES.text).moveDown(0.5);
  facts(page, [
    ["State", unit.state],
    ["Registered", when(unit.createdAt)],
    ["Batch", unit.batch ?? "–"],
    ["Board revision", unit.boardRevision ?? "–"],
    ["Attempts", String(attemptsInAll)],
    ["Scrapped", unit.rework?.scrapped === true ? "yes" : "no"],
  ]);
  lastAttempt(page, dossier);
  if (attempts.length > 0) {
    const of = attempts.length < attemptsInAll ? `, the latest ${attempts.length}` : "";
    heading(page, `Attempts (${attemptsInAll}${of})`);
    table(
      page,
      ["Begun", "Outcome", "Release", "Where", "Took"],
      [112, "*", 70, 130, 40],
      attempts.map((attempt) => [
        when(attempt.startedAt),
        `${fate(attempt)}${attempt.linkIncident ? ", link incident" : ""}`,
        attempt.version,
        place(attempt),
        seconds(attempt.durationMs),
      ]),
    );
  }
  if (unit.values.length > 0) {
    heading(page, "Per-unit data");
    const rows = unit.values.map(({ name, value, source }) => [name, value ?? "(secret)", source]);
    table(page, ["Name", "Value", "From"], [120, "*", 80], rows);
  }
  const labels = unit.labels ?? [];
  if (labels.length > 0) {
    heading(page, "Label");
    const rows = labels.map((entry) => [
      when(entry.at),
      labelSentence(entry),
      `${entry.station}, nest ${entry.nest}`,
      entry.operator ?? "",
    ]);
    table(page, ["When", "What", "Where", "By"], [112, "*", 110, 80], rows);
  }
  const records = unit.rework?.records ?? [];
  if (records.length > 0) {
    heading(page, "Rework");
    const rows = records.map(({ at, kind, what, by }) => [when(at), kind, what, by]);
    table(page, ["When", "What", "Words", "By"], [112, 60, "*", 90], rows);
  }
  if (holds.length > 0) {
    heading(page, "Holds");
    const rows = holds.map((hold) => [
      when(hold.setAt),
      hold.name,
      hold.reason,
      hold.setBy,
      hold.liftedAt === null ? "still on" : `${when(hold.liftedAt)}: ${hold.liftReason ?? ""}`,
    ]);
    table(page, ["Set", "On", "Why", "By", "Lifted"], [112, 80, "*", 70, 110], rows);
  }
  if (releases.length > 0) {
    heading(page, "Releases");
    const rows = releases.map((release) => [
      release.version,
      String(release.counter),
      short(release.manifestSha256),
      release.keyId,
      release.revokedAt === null ? "" : `${when(release.revokedAt)}: ${release.revokedReason}`,
    ]);
    table(
      page,
      ["Version", "Counter", "Manifest", "Key", "Revoked"],
      [70, 45, 110, 105, "*"],
      rows,
    );
  }
  if (events.length > 0) {
    heading(page, "Events of the ledger");
    const rows = events.map(({ position, at, kind, who, reason, hash }) => [
      String(position),
      when(at),
      `${kind}${reason === null ? "" : `: ${reason}`}`,
      who,
      short(hash),
    ]);
    table(page, ["Position", "When", "What", "Who", "Hash"], [50, 112, "*", 80, 105], rows);
  }
}

function footers(page: Document, { unit, server, asOf }: UnitDossier): void {
  const { start, count } = page.bufferedPageRange();
  for (let at = start; at < start + count; at += 1) {
    page.switchToPage(at);
    // The footer stands in the margin, which text must not overflow into a page of its own.
    page.page.margins.bottom = 0;
    page.font(FONT).fontSize(SIZES.small).fillColor(COLOURS.faint);
    page.text(
      `${unit.product} ${unit.serial} · as of ${when(asOf)} · server ${server} · page ${at + 1 - start} of ${count}`,
      MARGIN,
      page.page.height - MARGIN + 12,
      { lineBreak: false },
    );
  }
}

/** A unit's dossier on A4, to file; its JSON is attached to it. */
export function dossierPdf(dossier: UnitDossier): Document {
  const { unit, asOf } = dossier;
  const page = new PDFDocument({
    size: "A4",
    margin: MARGIN,
    bufferPages: true,
    font: FONT,
    info: { Title: `${unit.product} ${unit.serial}`, CreationDate: new Date(asOf) },
  });
  body(page, dossier);
  footers(page, dossier);
  page.file(Buffer.from(JSON.stringify(dossier, null, 1)), {
    name: "dossier.json",
    type: "application/json",
    description: "The same, with everything",
    creationDate: new Date(asOf),
  });
  page.end();
  return page;
}
