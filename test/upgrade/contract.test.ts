import { expect, test } from "vitest";
import { type Api, incompatibilities, type Schema } from "./contract.ts";
import { differences } from "./replay.ts";

const json = (schema: Schema) => ({ content: { "application/json": { schema } } });
const text: Schema = { type: "string" };
const object = (
  properties: Readonly<Record<string, Schema>>,
  optional: readonly string[] = [],
) => ({
  type: "object",
  properties,
  required: Object.keys(properties).filter((name) => !optional.includes(name)),
});
const api = (request: Schema, answer: Schema, status = "200"): Api => ({
  paths: {
    "/v1/agent/x": { post: { requestBody: json(request), responses: { [status]: json(answer) } } },
  },
});
const between = (before: Api, now: Api) =>
  incompatibilities(before, now, () => true).map((said) => said.replace("POST /v1/agent/x", ""));

const BEFORE = api(object({ a: text, b: text }, ["b"]), object({ c: text, d: text }, ["d"]));

test("what an older program can live with is no incompatibility", () => {
  const now = api(
    object({ a: { type: ["string", "number"] }, b: text, more: text }, ["a", "b", "more"]),
    object({ c: { type: "string", enum: ["x"] }, d: text, more: text }, ["d"]),
  );
  expect(between(BEFORE, now)).toEqual([]);
  const union = (...anyOf: readonly Schema[]): Schema => ({ anyOf });
  const go = (value: boolean) => object({ go: { type: "boolean", const: value } });
  const answers = union(go(true), go(false));
  expect(between(api(text, answers), api(text, go(false)))).toEqual([]);
});

test("everything that an older program could not do any more is told", () => {
  const request = object({ a: text, b: text }, ["b"]);
  const answer = object({ c: text, d: text }, ["d"]);
  const cases: readonly (readonly [Api, readonly string[]])[] = [
    [{ paths: {} }, [" is gone"]],
    [api(object({ a: text, b: text }), answer), [": request.b may be missing"]],
    [api(object({ a: text }), answer), [": request.b is not read any more"]],
    [
      api(object({ a: { type: "number" }, b: text }, ["b"]), answer),
      [": request.a may be string, and was number"],
    ],
    [
      api(object({ a: { type: "string", enum: ["x"] }, b: text }, ["b"]), answer),
      [": request.a may be anything, and was one of x"],
    ],
    [api(request, object({ d: text }, ["d"])), [": answer 200.c may be missing"]],
    [api(request, object({ c: text, d: text }, ["c"])), [": answer 200.c may be missing"]],
    [
      api(request, object({ c: { anyOf: [text, { type: "null" }] }, d: text }, ["d"])),
      [": answer 200.c may be null, and was string"],
    ],
    [api(request, answer, "202"), [": answers 202, which it did not"]],
  ];
  for (const [now, said] of cases) expect(between(BEFORE, now)).toEqual(said);
  const state = (...values: readonly string[]) => api(text, { type: "string", enum: values });
  expect(between(state("a"), state("a", "b"))).toEqual([
    ': answer 200 may be "b", which was not known',
  ]);
});

test("an answer differs where it lacks something or says something else, not where it says more", () => {
  const then = { a: 1, list: [{ b: "x" }], credential: "one" };
  expect(differences(then, { a: 1, list: [{ b: "x", c: 1 }], credential: "two" })).toEqual([]);
  expect(differences(then, { a: 2, list: [], credential: 5 })).toEqual([
    "answer.a was 1 and is 2",
    "answer.list has other entries",
    "answer.credential is number",
  ]);
  expect(differences(then, { a: 1 })).toEqual([
    "answer.list is missing",
    "answer.credential is missing",
  ]);
});
