import { type Sound, TONES } from "./tones.ts";

/** Plays through the browser's own synthesiser; nothing to fetch. Silent until the first key or touch, as browsers demand. */
export function createPlayer(): (sound: Sound) => void {
  let context: AudioContext | undefined;
  const wake = (): void => {
    context ??= new AudioContext();
    if (context.state === "suspended") void context.resume();
  };
  window.addEventListener("keydown", wake, true);
  window.addEventListener("pointerdown", wake, true);

  return (sound) => {
    if (context === undefined || context.state !== "running") return;
    for (const tone of TONES[sound]) {
      const start = context.currentTime + tone.atMs / 1000;
      const end = start + tone.forMs / 1000;
      const gain = context.createGain();
      gain.gain.setValueAtTime(0, start);
      gain.gain.linearRampToValueAtTime(0.5, start + 0.01);
      gain.gain.setValueAtTime(0.5, end - 0.02);
      gain.gain.linearRampToValueAtTime(0, end);
      const oscillator = context.createOscillator();
      oscillator.type = sound === "fail" ? "sawtooth" : "sine";
      oscillator.frequency.value = tone.hertz;
      oscillator.connect(gain).connect(context.destination);
      oscillator.start(start);
      oscillator.stop(end);
    }
  };
}
