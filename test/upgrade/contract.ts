/** What is read of a JSON schema, as zod writes it. */
export interface Schema {
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
}

interface Content {
  readonly content?: Readonly<Record<string, { readonly schema?: Schema }>>;
}

interface Operation {
  readonly requestBody?: Content;
  readonly responses?: Readonly<Record<string, Content>>;
}

/** What is read of an OpenAPI description. */
export interface Api {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

const JSON_TYPE = "application/json";
const schemaOf = (content: Content | undefined): Schema | undefined =>
  content?.content?.[JSON_TYPE]?.schema;

const alternatives = (schema: Schema): readonly Schema[] | undefined =>
  schema.anyOf ?? schema.oneOf;
const valuesOf = (schema: Schema): readonly unknown[] | undefined =>
  "const" in schema ? [schema.const] : schema.enum;

const typesOf = ({ type }: Schema): readonly string[] =>
  type === undefined ? [] : typeof type === "string" ? [type] : type;

/** Of several lists of problems the shortest: the alternative that was meant. */
const fewest = (lists: readonly (readonly string[])[]): readonly string[] =>
  lists.reduce((best, list) => (list.length < best.length ? list : best));

/**
 * Why what `sent` describes could not be read by `read`; empty where all of it can. Properties that `read` does not know are ignored,
 * as every part of Flashline does. Bounds of texts and numbers are left out: the recorded traffic shows that they are kept.
 */
function unreadable(sent: Schema, read: Schema, at: string): readonly string[] {
  const sendings = alternatives(sent);
  if (sendings !== undefined) return sendings.flatMap((each) => unreadable(each, read, at));
  const readings = alternatives(read);
  if (readings !== undefined) return fewest(readings.map((each) => unreadable(sent, each, at)));
  const [said, known] = [valuesOf(sent), valuesOf(read)];
  if (known !== undefined) {
    if (said === undefined) return [`${at} may be anything, and was one of ${known.join(", ")}`];
    return said.flatMap((value) =>
      known.includes(value) ? [] : [`${at} may be ${JSON.stringify(value)}, which was not known`],
    );
  }
  const types = typesOf(read);
  const other = typesOf(sent).filter(
    (type) => !types.includes(type) && !(type === "integer" && types.includes("number")),
  );
  if (types.length > 0 && (other.length > 0 || typesOf(sent).length === 0)) {
    const is = other.length > 0 ? other.join(" or ") : "of any type";
    return [`${at} may be ${is}, and was ${types.join(" or ")}`];
  }
  return [...unreadableObject(sent, read, at), ...unreadableItems(sent, read, at)];
}

function unreadableObject(sent: Schema, read: Schema, at: string): readonly string[] {
  const needed = (read.required ?? []).filter((name) => !(sent.required ?? []).includes(name));
  const known = Object.entries(read.properties ?? {}).flatMap(([name, schema]) => {
    const there = sent.properties?.[name];
    return there === undefined ? [] : unreadable(there, schema, `${at}.${name}`);
  });
  const { additionalProperties: values } = sent;
  const others =
    typeof values === "object" && typeof read.additionalProperties === "object"
      ? unreadable(values, read.additionalProperties, `${at}.*`)
      : [];
  return [...needed.map((name) => `${at}.${name} may be missing`), ...known, ...others];
}

const unreadableItems = ({ items }: Schema, read: Schema, at: string): readonly string[] =>
  items === undefined || read.items === undefined ? [] : unreadable(items, read.items, `${at}[]`);

/** What somebody says whom nobody hears any more. */
function unheard(sent: Schema, read: Schema, at: string): readonly string[] {
  if (read.additionalProperties === true || typeof read.additionalProperties === "object")
    return [];
  const known = read.properties ?? {};
  return Object.entries(sent.properties ?? {}).flatMap(([name, schema]) => {
    const reading = known[name];
    if (reading === undefined) return [`${at}.${name} is not read any more`];
    return unheard(schema, reading, `${at}.${name}`);
  });
}

/**
 * What a program that was made for `before` could not do with a server that is `now`, in words: operations that are gone, requests that are
 * refused, answers that it cannot read. Only operations that `concerns` it count.
 */
export function incompatibilities(
  before: Api,
  now: Api,
  concerns: (path: string) => boolean,
): readonly string[] {
  return Object.entries(before.paths).flatMap(([path, methods]) =>
    concerns(path)
      ? Object.entries(methods).flatMap(([method, then]) => {
          const at = `${method.toUpperCase()} ${path}`;
          const today = now.paths[path]?.[method];
          return today === undefined ? [`${at} is gone`] : ofOperation(then, today, at);
        })
      : [],
  );
}

function ofOperation(then: Operation, today: Operation, at: string): readonly string[] {
  const [asked, taken] = [schemaOf(then.requestBody), schemaOf(today.requestBody)];
  const requests =
    asked === undefined || taken === undefined
      ? []
      : [...unreadable(asked, taken, `${at}: request`), ...unheard(asked, taken, `${at}: request`)];
  const answers = Object.entries(today.responses ?? {}).flatMap(([status, content]) => {
    const [said, read] = [schemaOf(content), schemaOf(then.responses?.[status])];
    if (then.responses?.[status] === undefined)
      return [`${at}: answers ${status}, which it did not`];
    return said === undefined || read === undefined
      ? []
      : unreadable(said, read, `${at}: answer ${status}`);
  });
  return [...requests, ...answers];
}
