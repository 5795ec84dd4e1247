import { Icon } from "../../shared/icons.tsx";
import { lookOfState } from "./badges.ts";

interface Props {
  readonly state: string | null;
  /** Instead of the state's own word. */
  readonly word?: string;
}

export function Badge({ state, word }: Props) {
  const look = lookOfState(state);
  return (
    <span className={`badge ${look.tone} ${look.tone === "stale" ? "hatch" : ""}`}>
      <Icon name={look.icon} size={13} />
      {word ?? look.word}
    </span>
  );
}

export function Tag({ children, title }: { readonly children: string; readonly title?: string }) {
  return (
    <span className="tag" title={title}>
      {children}
    </span>
  );
}
