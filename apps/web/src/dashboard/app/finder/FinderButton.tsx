import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { lazy, Suspense, useEffect, useRef, useState } from "react";
import { Icon } from "../../../shared/icons.tsx";
import { isDialogOpen } from "../../parts/open-dialog.ts";
import { type Found, meant } from "./found.ts";
import { finderQuery } from "./query.ts";
import { useFinderKeys } from "./use-keys.ts";

const load = () => import("./Finder.tsx").then(({ Finder: dialog }) => ({ default: dialog }));
const Finder = lazy(load);

/** Opens the search, and hears scans on every page. */
export function FinderButton({ onGo }: { readonly onGo: () => void }) {
  // Not with the page, and before somebody types: the first letter would go nowhere.
  useEffect(() => void load(), []);
  const client = useQueryClient();
  const navigate = useNavigate();
  /** What it opens with; null while it is closed. */
  const [first, setFirst] = useState<string | null>(null);
  const go = ({ kind, id }: Found): void => {
    setFirst(null);
    onGo();
    if (kind === "unit") void navigate({ to: "/units/$id", params: { id } });
    else if (kind === "host") void navigate({ to: "/hosts/$id", params: { id } });
    else if (kind === "batch")
      void navigate({ to: "/yield", search: { batch: id, window: "last-30-days" } });
    else if (kind === "release") void navigate({ to: "/releases/$id", params: { id } });
    else void navigate({ to: "/work-orders/$number", params: { number: id } });
  };
  /** Counts scans: the answer to an earlier one may come after that to a later one. */
  const scans = useRef(0);
  const onScan = async (text: string): Promise<void> => {
    scans.current += 1;
    const own = scans.current;
    const all = await client.fetchQuery(finderQuery(client, text)).catch(() => []);
    if (own !== scans.current) return;
    const one = meant(all);
    // A scan by the way does not throw away what somebody writes.
    if (one === undefined || isDialogOpen()) setFirst(text);
    else go(one);
  };
  useFinderKeys({ onOpen: () => setFirst(""), onScan: (text) => void onScan(text) });
  return (
    <>
      <button type="button" className="find" onClick={() => setFirst("")}>
        <Icon name="search" size={17} />
        <span>Find or scan</span>
        <kbd>Ctrl K</kbd>
      </button>
      {first !== null && (
        <Suspense>
          <Finder key={first} first={first} onClose={() => setFirst(null)} onGo={go} />
        </Suspense>
      )}
    </>
  );
}
