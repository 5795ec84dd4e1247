import { Button, Popover, TextInput } from "@mantine/core";
import { useRouter } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { Icon } from "../../shared/icons.tsx";
import { keepViews, MOST_VIEWS, type SavedView, savedViews, withView } from "./saved.ts";

/** Pages with their filters under a name, for who comes back to them each morning. */
export function SavedViews() {
  const [isOpen, setOpen] = useState(false);
  return (
    <Popover opened={isOpen} onChange={setOpen} position="bottom-end" trapFocus shadow="none">
      <Popover.Target>
        <Button
          variant="default"
          size="sm"
          leftSection={<Icon name="bookmark" size={16} />}
          onClick={() => setOpen(!isOpen)}
        >
          Views
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label="Saved views">
        <Views onGo={() => setOpen(false)} />
      </Popover.Dropdown>
    </Popover>
  );
}

function Views({ onGo }: { readonly onGo: () => void }) {
  const router = useRouter();
  const [views, setViews] = useState(savedViews);
  const [name, setName] = useState("");
  const [isKept, setKept] = useState(true);
  const change = (next: readonly SavedView[]): void => {
    setKept(keepViews(next));
    setViews(next.slice(0, MOST_VIEWS));
  };
  const save = (event: FormEvent): void => {
    event.preventDefault();
    const { pathname, search } = window.location;
    if (name.trim() === "") return;
    change(withView(views, { name: name.trim(), address: pathname + search }));
    setName("");
  };
  return (
    <div className="views">
      {views.length > 0 && (
        <ul>
          {views.map(({ name: title, address }) => (
            <li key={title}>
              <a
                href={address}
                onClick={(event) => {
                  event.preventDefault();
                  onGo();
                  router.history.push(address);
                }}
              >
                {title}
              </a>
              <button
                type="button"
                onClick={() => change(views.filter((view) => view.name !== title))}
              >
                <Icon name="cross" size={13} />
                <span className="unseen">Forget {title}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
      <form onSubmit={save}>
        <TextInput
          label="Save this page with its filters as"
          description={
            views.length < MOST_VIEWS
              ? "Kept in this browser only."
              : `Kept in this browser only. It has ${MOST_VIEWS}: the oldest one goes.`
          }
          maxLength={60}
          data-autofocus
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Button type="submit" size="xs" disabled={name.trim() === ""}>
          Save
        </Button>
      </form>
      {!isKept && <p role="alert">This browser keeps nothing for this page.</p>}
    </div>
  );
}
