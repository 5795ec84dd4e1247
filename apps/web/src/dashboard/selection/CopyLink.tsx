import { Button, Popover, TextInput } from "@mantine/core";
import { useState } from "react";
import { Icon } from "../../shared/icons.tsx";
import { call, failureOf } from "../api/client.ts";
import { hasTime, NO_TIME, type Selection } from "./selection.ts";

interface Props {
  readonly selection: Selection;
  readonly timeWithout: "Today" | "All times";
}

/** The times that a selection means just now: who opens the link tomorrow sees the same. */
async function frozen({ selection, timeWithout }: Props): Promise<Selection> {
  const now = new Date().toISOString();
  if (selection.day !== undefined || (selection.from ?? selection.to) !== undefined) {
    return { ...selection, ...(selection.from !== undefined && { to: selection.to ?? now }) };
  }
  if (!hasTime(selection) && timeWithout === "All times") return { ...selection, to: now };
  const { body } = await call("yield", { query: selection });
  const { from, to } = body;
  const isOver = Date.parse(to) < Date.parse(now);
  return { ...selection, ...NO_TIME, from, to: isOver ? to : now };
}

function addressWith(change: Selection): string {
  const url = new URL(window.location.href);
  for (const [key, value] of Object.entries(change)) {
    if (value === undefined) url.searchParams.delete(key);
    else url.searchParams.set(key, value);
  }
  return url.href;
}

type Copied =
  | { readonly kind: "closed" }
  | { readonly kind: "link"; readonly link: string; readonly isCopied: boolean }
  | { readonly kind: "failed"; readonly message: string };

/** The clipboard belongs to pages with a certificate: without one the link is shown, chosen, to be copied by hand. */
const copy = async (text: string): Promise<boolean> => {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
};

export function CopyLink(props: Props) {
  const [copied, setCopied] = useState<Copied>({ kind: "closed" });
  const take = async (): Promise<void> => {
    try {
      const link = addressWith(await frozen(props));
      setCopied({ kind: "link", link, isCopied: await copy(link) });
    } catch (error) {
      setCopied({ kind: "failed", message: failureOf(error).message });
    }
  };
  return (
    <Popover
      opened={copied.kind !== "closed"}
      onChange={(isOpen) => !isOpen && setCopied({ kind: "closed" })}
      position="bottom-end"
      shadow="none"
      trapFocus
    >
      <Popover.Target>
        <Button
          variant="default"
          size="sm"
          leftSection={<Icon name="copy" size={16} />}
          onClick={() => void take()}
        >
          Copy link
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label="Link to this page">
        {copied.kind === "link" && (
          <TextInput
            label={copied.isCopied ? "Copied" : "Copy it with Ctrl C"}
            description="It names the times as they are now, not “today”."
            readOnly
            w={320}
            value={copied.link}
            data-autofocus
            onFocus={(event) => event.currentTarget.select()}
          />
        )}
        {copied.kind === "failed" && <p role="alert">{copied.message}</p>}
      </Popover.Dropdown>
    </Popover>
  );
}
