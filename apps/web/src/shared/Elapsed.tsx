import { useEffect, useState } from "react";
import { elapsed } from "./format.ts";

/** How long ago something began, counting: "1:07", "1:02:07". A screen reader is not told every second. */
export function Elapsed({ since }: { readonly since: string }) {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return (
    <span className="elapsed" aria-hidden="true">
      {elapsed(now - Date.parse(since))}
    </span>
  );
}
