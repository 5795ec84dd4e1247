/** German for what the agent says to a scan or a key; "$1" stands for what it names. */
const NOTICES: readonly (readonly [RegExp, string])[] = [
  [/^(.+) is in nest (.+)\.$/, "$1 ist in Platz $2."],
  [/^Next scan goes to nest (.+)\.$/, "Nächster Scan geht an Platz $1."],
  [/^Nothing to start\. Scan a unit first\.$/, "Nichts zu starten. Zuerst ein Teil scannen."],
  [/^Cancelled\.$/, "Abgebrochen."],
  [/^The lead is called\.$/, "Leitung ist gerufen."],
  [/^A result was refused\. Call the lead\.$/, "Ein Ergebnis wurde abgelehnt. Leitung rufen."],
];

export function germanNotice(text: string): string | undefined {
  const found = NOTICES.find(([pattern]) => pattern.test(text));
  return found === undefined ? undefined : text.replace(found[0], found[1]);
}
