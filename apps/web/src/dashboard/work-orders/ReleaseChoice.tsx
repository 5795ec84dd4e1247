import type { ReleaseView } from "@flashline/contract";
import { useQuery } from "@tanstack/react-query";
import { ChoiceField } from "../act/fields.tsx";
import { type FormWith, partOf } from "../act/form.ts";
import { manage } from "../api/manage.ts";

/** Of "version 2.8.1" or "channel stable": an order names one or follows the other. */
export function chosenOf(choice: string): { version: string } | { channel: string } | null {
  const [kind = "", ...name] = choice.split(" ");
  if (kind === "channel") return { channel: name.join(" ") };
  return kind === "version" ? { version: name.join(" ") } : null;
}

const note = ({ daysLeft }: ReleaseView): string =>
  daysLeft === null
    ? ""
    : daysLeft < 0
      ? " (expired)"
      : daysLeft <= 14
        ? ` (${daysLeft} days left)`
        : "";

/** A released release of the product, or a channel of it. */
export function ReleaseChoice({
  form,
  product,
}: {
  readonly form: FormWith<{ release: string }>;
  readonly product: string;
}) {
  const releases = useQuery(manage.releasesOf(product));
  const channels = useQuery({ ...manage.channels(product), enabled: product !== "" });
  const released = (releases.data ?? []).filter(({ state }) => state === "released");
  return (
    <ChoiceField
      form={partOf(form)}
      name="release"
      label="Release"
      required
      hint={
        product === ""
          ? "Choose the product first"
          : released.length === 0 && releases.data !== undefined
            ? "No release of this product is released"
            : "A channel gives each unit what is in it at the scan"
      }
      choices={[
        ["", "Choose one"],
        ...(channels.data ?? []).map(
          ({ name, version }) =>
            [`channel ${name}`, `Channel ${name} (${version ?? "empty"})`] as const,
        ),
        ...released.map(
          (release) =>
            [`version ${release.version}`, `${release.version}${note(release)}`] as const,
        ),
      ]}
    />
  );
}
