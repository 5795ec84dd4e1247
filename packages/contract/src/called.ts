/** A thing in a sentence, by what it is and its name: "line L3", and not "line Line 3" where the name says it already. */
export const called = (kind: string, name: string): string =>
  new RegExp(`^${kind}(?![a-z])`, "i").test(name) ? name : `${kind} ${name}`;
