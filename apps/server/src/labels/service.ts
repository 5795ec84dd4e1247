import {
  FlashlineError,
  LABEL_VALUES,
  type LabelPreview,
  type LabelPreviewRequest,
  type LabelRequest,
  type LabelTemplate,
  type LabelView,
  labelCode,
  labelZpl,
  normaliseSerial,
  readLabelTemplate,
  readScanBack,
} from "@flashline/contract";
import type { z } from "zod";
import type { Origin } from "../ledger/origin.ts";
import type { LabelField, LabelProduct, LabelsRepository } from "./repository.ts";

/** A sound template takes only what units of the product have. */
function mustBeKnown(names: readonly string[], known: readonly string[]): void {
  const unknown = names.find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw new FlashlineError(
    "label.placeholder_unknown",
    `Units of the product have no {${unknown}}. A label may show ${known.map((name) => `{${name}}`).join(", ")}.`,
    { parameters: { name: unknown } },
  );
}

const knownOf = (fields: readonly LabelField[]): string[] => [
  ...new Set([...Object.keys(LABEL_VALUES), ...fields.map(({ name }) => name)]),
];

const isNumber = (template: LabelTemplate, name: string): boolean =>
  template.parts.some(
    (part) => typeof part !== "string" && part.name === name && part.digits !== undefined,
  );

/** The day of the print, as a station would name it; the plant's clock is the station's to know. */
const today = (now: number): string => new Date(now).toISOString().slice(0, 10);

/** The labels of products. */
export function labelsService(repository: LabelsRepository, now: () => number = Date.now) {
  async function found(id: string): Promise<LabelProduct> {
    const product = await repository.product(id);
    if (product === undefined) throw new FlashlineError("request.not_found");
    return product;
  }

  async function view(id: string): Promise<LabelView> {
    const { name, template, scanBack } = await found(id);
    const placeholders = knownOf(await repository.fields(id, null));
    return { product: name, template, scanBack, placeholders };
  }

  return {
    /** Rejects with `request.not_found`. */
    of: view,
    /**
     * Rejects with `label.template_invalid`, `label.placeholder_unknown`, `request.not_found`; with `request.invalid` where something is
     * scanned back of no label.
     */
    async set(
      id: string,
      { template, scanBack, reason }: z.output<typeof LabelRequest>,
      by: Origin,
    ): Promise<LabelView> {
      if (template === null && scanBack !== null) {
        throw new FlashlineError("request.invalid", "Without a label nothing can be scanned back.");
      }
      const names = [
        ...(template === null ? [] : readLabelTemplate(template).names),
        ...(scanBack === null ? [] : readScanBack(scanBack).names),
      ];
      await found(id);
      mustBeKnown(names, knownOf(await repository.fields(id, null)));
      if (!(await repository.set(id, { template, scanBack }, reason, by))) {
        throw new FlashlineError("request.not_found");
      }
      return await view(id);
    },
    /** Rejects as `set` does, and with `label.value_unprintable`; with `request.invalid` where there is no template. */
    async preview(id: string, given: z.output<typeof LabelPreviewRequest>): Promise<LabelPreview> {
      const product = await found(id);
      const template = given.template ?? product.template;
      const scanBack = given.scanBack === undefined ? product.scanBack : given.scanBack;
      if (template === null) {
        throw new FlashlineError("request.invalid", `Product ${product.name} has no label.`, {
          parameters: { product: product.name },
        });
      }
      const serial = normaliseSerial(given.serial);
      const zpl = readLabelTemplate(template);
      const code = scanBack === null ? null : readScanBack(scanBack);
      const fields = await repository.fields(id, serial);
      const names = [...new Set([...zpl.names, ...(code?.names ?? [])])];
      mustBeKnown(names, knownOf(fields));

      const madeUp: Record<string, string> = {
        release: "1.0.0",
        order: "WO-1",
        revision: "A",
        station: "L1-01",
      };
      for (const { name, from } of fields) {
        madeUp[name] = from === "range" || isNumber(zpl, name) ? "1" : name.toUpperCase();
      }
      const known: Record<string, string> = {};
      for (const { name, value } of fields) if (value !== null) known[name] = value;
      if (product.version !== null) known["release"] = product.version;
      Object.assign(known, { serial, product: product.name, date: today(now()) });
      const values = { ...madeUp, ...known };
      return {
        zpl: labelZpl(zpl, values),
        code: code === null ? null : labelCode(code, values),
        madeUp: names.filter((name) => !Object.hasOwn(known, name)),
      };
    },
  };
}
