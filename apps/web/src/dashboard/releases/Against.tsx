import type { Difference, ReleaseView, YieldView } from "@flashline/contract";
import { useQuery } from "@tanstack/react-query";
import { count, percent, range } from "../../shared/format.ts";
import { manage } from "../api/manage.ts";
import { IntervalBar } from "../parts/IntervalBar.tsx";
import { yieldDomain } from "../parts/interval.ts";
import { Answered, Empty } from "../parts/states.tsx";

/** The release's first-pass yield beside that of the one before it, by the same hosts. */
export function Against({ release }: { readonly release: ReleaseView }) {
  const compared = useQuery(manage.releaseYield(release.product, release.version));
  return (
    <section className="card" aria-label="Against its predecessor">
      <h2>Against its predecessor</h2>
      <Answered query={compared} lines={2}>
        {(data) => <Compared version={release.version} view={data} />}
      </Answered>
    </section>
  );
}

function Compared({ version, view }: { readonly version: string; readonly view: YieldView }) {
  const { comparison, productFirstPass } = view;
  if (productFirstPass.n === 0) {
    return <Empty title="No unit has it yet.">There is nothing to compare.</Empty>;
  }
  const before = comparison?.productFirstPass;
  const domain = yieldDomain([productFirstPass.low, ...(before === undefined ? [] : [before.low])]);
  return (
    <>
      <p className="say">
        {sayDifference(version, comparison?.release, comparison?.productDifference)}
      </p>
      <dl className="compared">
        {[
          [version, productFirstPass] as const,
          ...(before === undefined ? [] : [[comparison?.release ?? "before", before] as const]),
        ].map(([name, value], place) => (
          <div key={place === 0 ? "it" : "before"}>
            <dt>{name}</dt>
            <dd>
              <b>{value.share === null ? "no units" : percent(value.share)}</b>
              <IntervalBar value={value} domain={domain} tone="pass" width={220} />
              <span className="soft small">
                {value.share !== null && `${range(value.low, value.high)}, `}n {count(value.n)}
              </span>
            </dd>
          </div>
        ))}
      </dl>
      <p className="hint">First-pass yield of the last 30 days, without failures of bad hosts.</p>
    </>
  );
}

/** The difference over the hosts that had both, in a sentence that says when nobody can tell. */
function sayDifference(
  version: string,
  before: string | null | undefined,
  difference: Difference | undefined,
): string {
  if (before === null || before === undefined || difference === undefined) {
    return `${version} has no predecessor with units to compare with.`;
  }
  const { value, low, high } = difference;
  if (value === null) return `No host flashed both ${version} and ${before}: nobody can tell.`;
  const points = (share: number): string => `${(Math.abs(share) * 100).toFixed(1)} points`;
  const signed = (share: number): string => (share * 100).toFixed(1).replace("-", "−");
  const between = `95 %: ${signed(low)} to ${signed(high)} points`;
  if (low > 0) return `${version} passes ${points(value)} more often than ${before} (${between}).`;
  if (high < 0) return `${version} passes ${points(value)} less often than ${before} (${between}).`;
  return `No difference between ${version} and ${before} is to be seen (${between}).`;
}
