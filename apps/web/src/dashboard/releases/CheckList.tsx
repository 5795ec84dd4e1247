import type { ReleaseView } from "@flashline/contract";
import { useQuery } from "@tanstack/react-query";
import { Icon } from "../../shared/icons.tsx";
import { useAllowed } from "../act/rights.ts";
import { manage } from "../api/manage.ts";
import { checksOf } from "./checks.ts";

const LOOKS = {
  ok: ["check", "Fine"],
  warn: ["warning", "Look at it"],
  fail: ["cross", "Wrong"],
  open: ["clock", "Not known yet"],
} as const;

/** What has to be right before a release reaches units. */
export function CheckList({ release }: { readonly release: ReleaseView }) {
  const mayKeys = useAllowed("keys");
  const keys = useQuery({ ...manage.keys(), enabled: mayKeys });
  const isOpen = release.state === "draft" || release.state === "canary";
  const run = useQuery({ ...manage.dryRun(release.id, {}), enabled: isOpen });
  const key = keys.data?.find(({ keyId }) => keyId === release.keyId);
  return (
    <section className="card" aria-label="Checks">
      <h2>Checks</h2>
      <ul className="findings">
        {checksOf(release, key, run.data).map(({ name, level, sentence }) => (
          <li key={name} className={level}>
            <Icon name={LOOKS[level][0]} size={16} />
            <span className="unseen">{LOOKS[level][1]}</span>
            <b>{name}</b>
            <span>{sentence}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
