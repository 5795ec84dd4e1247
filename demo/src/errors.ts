/** What went wrong with the demo itself, in words for the person who started it. */
export class DemoError extends Error {
  override readonly name = "DemoError";
}
