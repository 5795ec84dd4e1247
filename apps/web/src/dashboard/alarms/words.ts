import type { AlarmView } from "@flashline/contract";

/** How an alarm ended, in a few words. */
export function endText({ recoveredWhy, recoveredBy }: AlarmView): string {
  switch (recoveredWhy) {
    case null:
      return "";
    case "gone":
      return "its cause is gone";
    case "off":
      return "its rule was switched off";
    case "ended":
      return `ended by ${recoveredBy ?? "somebody"}`;
    case "over":
      return "its time was over";
    default:
      return recoveredWhy;
  }
}

export function sayInbox(open: readonly AlarmView[]): string {
  const waiting = open.filter(({ takenBy }) => takenBy === null).length;
  const is = open.length === 1 ? "is" : "are";
  if (open.length === 0) return "No alarm is open.";
  if (waiting === 0) return `${open.length} ${is} open, and somebody looks after each of them.`;
  return `${open.length} ${is} open; nobody has taken ${waiting === open.length ? "any of them" : waiting === 1 ? "one of them" : `${waiting} of them`}.`;
}

/** The product that an alarm is about: id and name of a range of numbers end in its field, "<id> mac" and "Motor control mac". */
export function productOf({ id, name }: Pick<AlarmView["subject"], "id" | "name">): string {
  const [, field] = id.split(" ");
  return field === undefined ? name : name.slice(0, -field.length - 1);
}
