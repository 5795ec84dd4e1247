import type { StationPageView } from "@flashline/contract";
import { count, shortDigest } from "../shared/format.ts";
import { Icon } from "../shared/icons.tsx";
import { type Language, LOCALES, wordsOf } from "./words/language.ts";

export function StationHeader({
  view,
  language,
}: {
  readonly view: StationPageView;
  readonly language: Language;
}) {
  const words = wordsOf(language);
  const locale = LOCALES[language];
  const title =
    view.productTitle === null || view.productTitle === "" ? view.product : view.productTitle;
  return (
    <header>
      <h1 title={view.station}>{words.pageTitle(view.station)}</h1>
      {view.virtual && (
        <span className="virtual big" title={words.virtualLong}>
          {words.virtual}
        </span>
      )}
      <Fact name={words.workOrder}>
        {view.workOrder === null
          ? words.noWorkOrder
          : [view.workOrder, title].filter(Boolean).join(" · ")}
      </Fact>
      {view.version !== null && (
        <Fact name={words.release}>
          {view.version}{" "}
          {view.manifestSha256 !== null && (
            <span className="digest mono">
              {shortDigest(view.manifestSha256)} {words.signed}
            </span>
          )}
        </Fact>
      )}
      {view.operator !== null && <Fact name={words.operator}>{view.operator}</Fact>}
      {view.badgeNeeded && (
        <Fact name={words.operator}>
          <span className="nobody">{words.noOperator}</span>
        </Fact>
      )}
      <span className="space" />
      <Counter name={words.passToday} value={count(view.today.passed, locale)} />
      <Counter name={words.failToday} value={count(view.today.failed, locale)} />
      <Counter name={words.waitingHere} value={count(view.queuedResults, locale)} />
      {view.server === "connected" ? (
        <span className="link on">
          <Icon name="check" size={18} /> {words.server}
        </span>
      ) : (
        <span className="link away hatch">
          <Icon name="warning" size={18} /> {words.serverAway}
        </span>
      )}
    </header>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: React.ReactNode }) {
  return (
    <div className="fact">
      <span className="k">{name}</span>
      <span className="v">{children}</span>
    </div>
  );
}

function Counter({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <div className="fact counter">
      <span className="k">{name}</span>
      <span className="v">{value}</span>
    </div>
  );
}
