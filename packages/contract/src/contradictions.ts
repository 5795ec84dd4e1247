/** What a result can say that its job does not: by key, in words for an engineer. */
export const CONTRADICTIONS = {
  job: "The result names another job than the one that was started with this attempt.",
  manifest: "The result names another manifest than the job's release has.",
  image: "The result names other images than the job's release has.",
  key: "The result names another signing key than the job's release has.",
  virtual:
    "The attempt was started with a real unit and reported with a virtual one, or the other way round.",
  host: "The result comes from another PC than the one that was enrolled as this station. If this PC got a new machine id, enroll it again.",
  code: "The result is a PASS and has a failure's code.",
  untouched:
    "The result is a PASS that wrote nothing, although not everything was on the unit already.",
  application:
    "The result is a PASS, and does not show the serial that the release has the application show.",
  grant:
    "The unit was flashed while the server was away, and the server would have refused it: it had passed, was in work elsewhere, scrapped or on hold, or its place or its order had no room.",
  form: "The result does not have the form that this server reads. Its bytes are kept as they came.",
} as const;
/** A key of {@link CONTRADICTIONS}. */
export type Contradiction = keyof typeof CONTRADICTIONS;

/** A contradiction in words; of a key that this version does not know, the key. */
export const describeContradiction = (key: string): string =>
  Object.hasOwn(CONTRADICTIONS, key) ? CONTRADICTIONS[key as Contradiction] : key;
