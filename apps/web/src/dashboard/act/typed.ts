/** What a person wrote into an optional field, or nothing. */
export const given = (text: string): string | undefined =>
  text.trim() === "" ? undefined : text.trim();

/** Words of a list that a person wrote with commas, blanks or line ends between them, each once. */
export const wordsOf = (text: string): string[] => [
  ...new Set(text.split(/[\s,;]+/).filter((word) => word !== "")),
];
