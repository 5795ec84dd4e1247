import { YIELD_DIMENSIONS, type YieldQuery, type YieldView } from "@flashline/contract";
import { NativeSelect } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { count, percent, tick } from "../../shared/format.ts";
import { queries } from "../api/queries.ts";
import { ChartFrame } from "../parts/chart/ChartFrame.tsx";
import { IntervalBar } from "../parts/IntervalBar.tsx";
import { FEW, yieldDomain } from "../parts/interval.ts";
import { Answered } from "../parts/states.tsx";
import type { Selection } from "../selection/selection.ts";
import { selectionSearch } from "../selection/selection.ts";

type By = NonNullable<YieldQuery["by"]>;
type Group = NonNullable<YieldView["groups"]>[number];

const NAMES: Readonly<Record<By, string>> = {
  line: "line",
  station: "station",
  nest: "nest",
  host: "host",
  model: "controller model",
  product: "product",
  step: "step",
  release: "release",
  order: "work order",
  batch: "batch",
};
const isBy = (value: string): value is By => YIELD_DIMENSIONS.some((one) => one === value);

interface Props {
  readonly selection: Selection;
  readonly by: By;
  readonly onBy: (by: By) => void;
  readonly onChoose: (change: Selection) => void;
}

/** First pass of each part of the selection, those with the most units first. */
export function Forest({ selection, by, onBy, onChoose }: Props) {
  const view = useQuery(queries.yieldParts({ ...selection, by }));
  return (
    <Answered query={view}>
      {({ groups = [], firstPass }) => (
        <ChartFrame
          title={`First pass by ${NAMES[by]}`}
          hint="Dot and line: share and 95 % interval. Upright mark: all of them together. A name chooses it alone."
          empty="No unit was tried for the first time."
          table={{
            columns: [
              NAMES[by],
              "passed",
              "units",
              "first pass",
              "low",
              "high",
              "product",
              "final",
            ],
            rows: groups.map((group) => [
              group.name,
              group.firstPass.count,
              group.firstPass.n,
              group.firstPass.share,
              group.firstPass.low,
              group.firstPass.high,
              group.productFirstPass.share,
              group.finalYield.share,
            ]),
          }}
          tools={
            <NativeSelect
              aria-label="By what"
              size="xs"
              value={by}
              data={YIELD_DIMENSIONS.map((one) => ({ value: one, label: `by ${NAMES[one]}` }))}
              onChange={({ currentTarget: { value } }) => isBy(value) && onBy(value)}
            />
          }
        >
          <Rows groups={groups} all={firstPass.share} selection={selection} onChoose={onChoose} />
        </ChartFrame>
      )}
    </Answered>
  );
}

interface RowsProps {
  readonly groups: readonly Group[];
  readonly all: number | null;
  readonly selection: Selection;
  readonly onChoose: (change: Selection) => void;
}

const SHOWN = 30;

function Rows({ groups, all, selection, onChoose }: RowsProps) {
  const sure = groups.filter(({ firstPass }) => firstPass.n >= FEW);
  const domain = yieldDomain(
    (sure.length > 0 ? sure : groups).map(({ firstPass }) => firstPass.low),
  );
  const shown = groups.slice(0, SHOWN);
  return (
    <>
      <ul className="forest">
        <li className="axis" aria-hidden="true">
          <span />
          <span className="ends">
            <span>{tick(domain[0])}</span>
            <span>{tick(domain[1])}</span>
          </span>
          <span>first pass</span>
          <span>product</span>
          <span>units</span>
        </li>
        {shown.map(({ name, filter, firstPass, productFirstPass }) => (
          <li key={name} className={firstPass.n < FEW ? "few" : ""}>
            {filter === null ? (
              <span className="name">{name}</span>
            ) : (
              <button type="button" className="name" onClick={() => onChoose(chosen(filter))}>
                {name}
              </button>
            )}
            <IntervalBar value={firstPass} domain={domain} expected={all} tone="pass" width={180} />
            <b>{firstPass.share === null ? "–" : percent(firstPass.share)}</b>
            <span>{productFirstPass.share === null ? "–" : percent(productFirstPass.share)}</span>
            {filter === null ? (
              <span>{count(firstPass.n)}</span>
            ) : (
              <Link to="/units" search={{ ...selection, ...chosen(filter), only: "first" }}>
                {count(firstPass.n)}
              </Link>
            )}
          </li>
        ))}
      </ul>
      {groups.length > SHOWN && (
        <p className="hint">{groups.length - SHOWN} more are in the table.</p>
      )}
    </>
  );
}

/** What chooses a group, as far as this version of the page knows its parameters. */
const chosen = (filter: Readonly<Record<string, string>>): Selection =>
  Object.fromEntries(Object.entries(filter).filter(([key]) => key in selectionSearch));
