import { z } from "zod";

/** A page with its filters under a name. */
const SavedView = z.object({ name: z.string(), address: z.string().startsWith("/") });
export type SavedView = z.infer<typeof SavedView>;

const KEY = "flashline.views";
/** More would be no help to find one. */
export const MOST_VIEWS = 30;

/** What this browser keeps; nothing where it is not allowed to, or where somebody else wrote there. */
export function savedViews(): readonly SavedView[] {
  try {
    return z.array(SavedView).parse(JSON.parse(localStorage.getItem(KEY) ?? "[]"));
  } catch {
    return [];
  }
}

/** Returns false where the browser keeps nothing. */
export function keepViews(views: readonly SavedView[]): boolean {
  try {
    localStorage.setItem(KEY, JSON.stringify(views.slice(0, MOST_VIEWS)));
    return true;
  } catch {
    return false;
  }
}

/** A view of the same name is replaced. */
export const withView = (views: readonly SavedView[], view: SavedView): readonly SavedView[] => [
  view,
  ...views.filter(({ name }) => name !== view.name),
];
