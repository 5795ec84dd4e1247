/** Whether a question waits for its answer: what is in it must neither go, nor become one about something else. */
export const isDialogOpen = (): boolean =>
  document.querySelector('[role="dialog"][aria-modal="true"]') !== null;
