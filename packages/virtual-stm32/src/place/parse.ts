import { usage } from "../errors.ts";
import { DEFAULT_PLACE, type HubPlace, type Place, type TranslatorKind } from "./place.ts";

/** A place in the words of a command line; what is absent is as in the default place. */
export interface PlaceWords {
  readonly machine?: string;
  /** "1022:15b8" */
  readonly controller?: string;
  /** "0000:00:14.0" */
  readonly pci?: string;
  readonly driver?: string;
  /** "05e3:0610,multi", from the root port to the unit. */
  readonly hubs?: readonly string[];
  /** lossPerPacket of the controller defect, 0 to 1. */
  readonly loss?: number;
}

const TRANSLATORS: readonly TranslatorKind[] = ["none", "single", "multi"];

/** @throws SimError usage.argument */
export function parsePlace(words: PlaceWords): Place {
  const loss = words.loss ?? 0;
  if (!(loss >= 0 && loss <= 1)) throw usage(`loss ${loss}: a probability from 0 to 1`);
  const id = words.controller ?? DEFAULT_PLACE.controller.id;
  const pci = words.pci ?? DEFAULT_PLACE.controller.pci;
  if (!isId(id)) throw usage(`controller "${id}": expected VENDOR:DEVICE in hexadecimal`);
  if (!/^[0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]$/.test(pci))
    throw usage(`PCI address "${pci}"`);
  return {
    machine: words.machine ?? DEFAULT_PLACE.machine,
    controller: { pci, id, driver: words.driver ?? DEFAULT_PLACE.controller.driver },
    hubs: (words.hubs ?? []).map(parseHub),
    ...(loss > 0 ? { defect: { lossPerPacket: loss } } : {}),
  };
}

function parseHub(text: string): HubPlace {
  const [id = "", translator = "single"] = text.split(",");
  const tt = TRANSLATORS.find((known) => known === translator);
  if (!isId(id) || !tt) throw usage(`hub "${text}": expected VENDOR:PRODUCT[,none|single|multi]`);
  return { id, tt };
}

const isId = (text: string): boolean => /^[0-9a-f]{4}:[0-9a-f]{4}$/.test(text);
