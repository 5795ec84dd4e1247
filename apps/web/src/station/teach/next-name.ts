/** The first number that no nest has. */
export function nextName(names: readonly string[]): string {
  let number = 1;
  while (names.includes(String(number))) number += 1;
  return String(number);
}
