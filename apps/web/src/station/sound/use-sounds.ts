import type { StationPageView } from "@flashline/contract";
import { useEffect, useRef } from "react";
import { createPlayer } from "./player.ts";
import { type Sound, soundFor } from "./tones.ts";

const play = createPlayer();

/**
 * One sound for each change of the view, also when two views arrive between two paints. Returns how the page sounds for what it has to say
 * itself.
 */
export function useSounds(view: StationPageView | null, on: boolean): (sound: Sound) => void {
  const before = useRef<StationPageView | null>(null);
  useEffect(() => {
    const sound = view === null ? null : soundFor(before.current, view);
    before.current = view;
    if (sound !== null && on) play(sound);
  }, [view, on]);
  return (sound) => {
    if (on) play(sound);
  };
}
