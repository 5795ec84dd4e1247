import { useInfiniteQuery } from "@tanstack/react-query";
import { manage } from "../../api/manage.ts";

/** How many open alarms nobody has taken. */
export function OpenAlarms() {
  const { data } = useInfiniteQuery(manage.alarms({ state: "open", rule: undefined }));
  const waiting = (data ?? []).filter(({ takenBy }) => takenBy === null).length;
  if (waiting === 0) return null;
  return (
    <span className="dot">
      {waiting}
      <span className="unseen"> that nobody has taken</span>
    </span>
  );
}
