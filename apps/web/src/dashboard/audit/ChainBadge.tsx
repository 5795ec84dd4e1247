import { useQuery } from "@tanstack/react-query";
import { count, counted } from "../../shared/format.ts";
import { Icon } from "../../shared/icons.tsx";
import { manage } from "../api/manage.ts";
import { usePlantZone } from "../parts/PageHead.tsx";
import { when } from "../parts/time.ts";

/** While the chain is read the page asks again at once; then now and then. */
const AGAIN_MS = 1_000;
const LATER_MS = 60_000;

/** Up to where the ledger's chain was worked out anew, and whether it is as it was written. */
export function ChainBadge() {
  const zone = usePlantZone();
  const chain = useQuery({
    ...manage.auditChain(),
    refetchInterval: (query) => (query.state.data?.reading === null ? LATER_MS : AGAIN_MS),
  });
  const { data } = chain;
  if (data === undefined) return null;
  const { verified, reading, head, unsealed, problems } = data;
  const isBad = problems.length > 0;
  return (
    <section className={`note chain ${isBad ? "bad" : verified === null ? "plain" : "good"}`}>
      <Icon name={isBad ? "warning" : verified === null ? "clock" : "link"} size={18} />
      <div>
        {isBad ? (
          <>
            <b>The chain is not as it was written.</b>
            <ul>
              {problems.map((problem) => (
                <li key={problem}>{problem}</li>
              ))}
            </ul>
          </>
        ) : verified === null ? (
          <b>
            Verifying the chain: {count(reading ?? 0)} of {count(head?.position ?? 0)} events read
          </b>
        ) : (
          <b>
            Verified up to event {count(verified.position)}, {when(verified.at, zone)}.
          </b>
        )}
        <span className="soft small">
          {head === null
            ? "Nothing was sealed yet."
            : `The last sealed event is ${count(head.position)}, its hash begins with ${head.hash.slice(0, 12)}.`}{" "}
          {unsealed > 0 &&
            `${counted(unsealed, "event")} ${unsealed === 1 ? "comes" : "come"} in a moment.`}
        </span>
      </div>
    </section>
  );
}
