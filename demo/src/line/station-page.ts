import { setTimeout as pause } from "node:timers/promises";
import { Barcode, type NestView, type NoticeMessage, StationPageView } from "@flashline/contract";
import { DemoError } from "../errors.ts";

/** What an operator does at the station page, by the page's own API. */
export interface StationPage {
  readonly view: () => Promise<StationPageView>;
  readonly nest: (name: string) => Promise<NestView>;
  /** Resolves when the nest satisfies `is`; rejects after `timeoutMs`, saying what was waited for. */
  readonly untilNest: <N extends NestView>(
    name: string,
    what: string,
    is: (nest: NestView) => nest is N,
    timeoutMs: number,
  ) => Promise<N>;
  /**
   * The nest's barcode, then the unit's: what is scanned in between belongs to nobody else. Resolves with why the station did
   * not take the scan, or undefined when the nest holds it now.
   */
  readonly scanInto: (nest: string, serial: string) => Promise<string | undefined>;
  readonly start: (nest: string) => Promise<void>;
  readonly acknowledge: (nest: string) => Promise<void>;
}

const LOOK_MS = 120;

const refusalOf = (notice: NoticeMessage): string =>
  notice.key === "scan-refused" ? notice.code : notice.key;

const REQUEST_MS = 15_000;

export function createStationPage(url: string): StationPage {
  let scanner: Promise<unknown> = Promise.resolve();

  async function view(): Promise<StationPageView> {
    const answer = await fetch(`${url}/api/view`, { signal: AbortSignal.timeout(REQUEST_MS) });
    return StationPageView.parse(await answer.json());
  }

  async function tell(action: string, body: Readonly<Record<string, string>>): Promise<void> {
    const answer = await fetch(`${url}/api/${action}`, {
      method: "POST",
      headers: { "content-type": "application/json", origin: url },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(REQUEST_MS),
    });
    // What the station thinks of it stands in the view; only a broken page is an error here.
    if (answer.status >= 500 || answer.status === 403)
      throw new DemoError(`${url}/api/${action} answered ${answer.status}: ${await answer.text()}`);
    await answer.arrayBuffer();
  }

  async function nest(name: string): Promise<NestView> {
    const found = (await view()).nests.find((candidate) => candidate.name === name);
    if (found === undefined) throw new DemoError(`${url} shows no nest ${name}.`);
    return found;
  }

  return {
    view,
    nest,
    async untilNest(name, what, is, timeoutMs) {
      const deadline = performance.now() + timeoutMs;
      for (;;) {
        const seen = await nest(name);
        if (is(seen)) return seen;
        if (performance.now() > deadline)
          throw new DemoError(
            `Nest ${name} at ${url} did not become ${what} in time: ${JSON.stringify(seen)}`,
          );
        await pause(LOOK_MS);
      }
    },
    scanInto(name, serial) {
      const turn = scanner.then(async () => {
        await tell("scan", { text: `${Barcode.Nest}${name}` });
        await tell("scan", { text: serial });
        const { notice, nests } = await view();
        const taken = nests.some(
          (seen) => seen.name === name && "serial" in seen && seen.serial === serial,
        );
        return notice.kind === "refused" && !taken ? refusalOf(notice) : undefined;
      });
      scanner = turn.catch(() => undefined);
      return turn;
    },
    start: (name) => tell("start", { nest: name }),
    acknowledge: (name) => tell("acknowledge", { nest: name }),
  };
}
