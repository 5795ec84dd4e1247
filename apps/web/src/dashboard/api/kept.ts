import { keepPreviousData } from "@tanstack/react-query";

/**
 * For a list or a chart whose filters change: what it showed stands there, dimmed, until the answer to the new ones is there. Never for a preview, nor for
 * what is about one thing: it would say of this one what holds for another.
 */
export const KEPT = { placeholderData: keepPreviousData } as const;
