import type { WorkOrderView } from "@flashline/contract";
import { Button, Modal } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { call } from "../api/client.ts";
import { queries } from "../api/queries.ts";
import { allowed } from "../parts/allowed.ts";
import { ErrorNote } from "../parts/states.tsx";

export function CloseOrder({ order }: { readonly order: WorkOrderView }) {
  const client = useQueryClient();
  const { data: session } = useQuery(queries.session());
  const [asking, setAsking] = useState(false);
  const close = useMutation({
    mutationFn: () => call("closeWorkOrder", { params: { id: order.id } }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ["work-orders"] });
      setAsking(false);
    },
  });
  if (order.state !== "open" || !allowed(session?.role, "closeWorkOrder")) return null;
  return (
    <>
      <Button size="xs" variant="default" onClick={() => setAsking(true)}>
        Close
      </Button>
      <Modal
        opened={asking}
        onClose={() => setAsking(false)}
        centered
        closeButtonProps={{ "aria-label": "Close this question" }}
        title="Close this work order?"
      >
        <div className="ask">
          <p>
            Stations start no more units of <b>{order.number}</b>. Units in work are finished.
          </p>
          {close.error !== null && <ErrorNote error={close.error} />}
          <div className="buttons">
            <Button variant="default" onClick={() => setAsking(false)}>
              Keep it open
            </Button>
            <Button loading={close.isPending} onClick={() => close.mutate()}>
              Close {order.number}
            </Button>
          </div>
        </div>
      </Modal>
    </>
  );
}
