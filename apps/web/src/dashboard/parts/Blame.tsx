import { Icon, type IconName } from "../../shared/icons.tsx";

const ICONS: Readonly<Record<string, IconName>> = {
  host: "host",
  unit: "chip",
  image: "release",
  operator: "scan",
  system: "station",
};

/** Who has to act; as calm as it can be, because it stands in every row. */
export function Blame({ blame }: { readonly blame: string | null }) {
  if (blame === null) return null;
  return (
    <span className={`blame ${blame === "host" ? "host" : ""}`}>
      <Icon name={ICONS[blame] ?? "question"} size={13} />
      {blame}
    </span>
  );
}
