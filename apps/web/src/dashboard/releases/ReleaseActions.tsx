import type { ReleaseView } from "@flashline/contract";
import { Button, Modal } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { counted } from "../../shared/format.ts";
import { call } from "../api/client.ts";
import { queries } from "../api/queries.ts";
import { allowed } from "../parts/allowed.ts";
import { isReason, Reason } from "../parts/Reason.tsx";
import { ErrorNote } from "../parts/states.tsx";
import { useBeyondReach } from "./WithoutServer.tsx";

/** What may be done with a release in its state, by whom is logged in; always behind a second question. */
export function ReleaseActions({ release }: { readonly release: ReleaseView }) {
  const { data: session } = useQuery(queries.session());
  const [asking, setAsking] = useState<"promote" | "revoke" | null>(null);
  const close = (): void => setAsking(null);
  const promotable = release.state === "draft" && release.check === "passed";
  return (
    <>
      {promotable && allowed(session?.role, "promote") && (
        <Button size="xs" onClick={() => setAsking("promote")}>
          Promote
        </Button>
      )}
      {release.state === "released" && allowed(session?.role, "revoke") && (
        <Button size="xs" variant="default" onClick={() => setAsking("revoke")}>
          Revoke
        </Button>
      )}
      <Modal
        opened={asking !== null}
        onClose={close}
        centered
        closeButtonProps={{ "aria-label": "Close this question" }}
        title={asking === "promote" ? "Promote this release?" : "Revoke this release?"}
      >
        {asking === "promote" && <Promote release={release} onDone={close} />}
        {asking === "revoke" && <Revoke release={release} onDone={close} />}
      </Modal>
    </>
  );
}

interface AskProps {
  readonly release: ReleaseView;
  readonly onDone: () => void;
}

function useAct(act: () => Promise<unknown>, onDone: () => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: act,
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ["releases"] });
      await client.invalidateQueries({ queryKey: ["release"] });
      onDone();
    },
  });
}

function Promote({ release, onDone }: AskProps) {
  const promote = useAct(() => call("promote", { params: { id: release.id } }), onDone);
  return (
    <div className="ask">
      <p>
        From now on work orders may use{" "}
        <b>
          {release.product} {release.version}
        </b>{" "}
        for {release.chip}
        {release.boardRevisions.length === 0
          ? ", all board revisions"
          : `, board revisions ${release.boardRevisions.join(", ")}`}
        .
      </p>
      {promote.error !== null && <ErrorNote error={promote.error} />}
      <div className="buttons">
        <Button variant="default" onClick={onDone}>
          Not now
        </Button>
        <Button loading={promote.isPending} onClick={() => promote.mutate()}>
          Promote {release.version}
        </Button>
      </div>
    </div>
  );
}

function Revoke({ release, onDone }: AskProps) {
  const [reason, setReason] = useState("");
  const beyond = useBeyondReach(release);
  const revoke = useAct(
    () => call("revoke", { params: { id: release.id }, body: { reason } }),
    onDone,
  );
  return (
    <form
      className="ask"
      onSubmit={(event) => {
        event.preventDefault();
        revoke.mutate();
      }}
    >
      <p>
        No unit is started with{" "}
        <b>
          {release.product} {release.version}
        </b>{" "}
        any more, and this cannot be taken back. {counted(release.passed, "unit")} passed with it so
        far.
      </p>
      {beyond !== null && <p>A station that has no server now does not hear of it. {beyond}</p>}
      <Reason description="Kept with the release" value={reason} onChange={setReason} />
      {revoke.error !== null && <ErrorNote error={revoke.error} />}
      <div className="buttons">
        <Button variant="default" onClick={onDone}>
          Keep it
        </Button>
        <Button
          type="submit"
          className="danger"
          loading={revoke.isPending}
          disabled={!isReason(reason)}
        >
          Revoke {release.version}
        </Button>
      </div>
    </form>
  );
}
