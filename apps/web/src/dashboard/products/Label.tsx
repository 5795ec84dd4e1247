import type { LabelPreview, LabelView, ProductView } from "@flashline/contract";
import { useQuery } from "@tanstack/react-query";
import { useDeferredValue, useState } from "react";
import { Act } from "../act/Act.tsx";
import { LinesField, TextField } from "../act/fields.tsx";
import { call } from "../api/client.ts";
import { manage } from "../api/manage.ts";
import { Answered, Empty, ErrorNote } from "../parts/states.tsx";
import { labelFields } from "./label-fields.ts";

const FIRST_LABEL = `^XA^CI28
^FO30,30^BY2^BCN,90^FD{serial}^FS
^FO30,160^A0N,30,30^FH^FD{product} {release}  {date}^FS
^XZ`;

/** What is printed and stuck on each unit of the product that passed. */
export function Label({ product }: { readonly product: ProductView }) {
  const label = useQuery(manage.label(product.id));
  return (
    <section className="card" aria-label="Label">
      <Answered query={label} lines={2}>
        {(view) => <Shown product={product} label={view} />}
      </Answered>
    </section>
  );
}

function Shown({ product, label }: { readonly product: ProductView; readonly label: LabelView }) {
  const { template, scanBack } = label;
  return (
    <>
      <h2>
        Label
        <span className="more label-acts">
          <ChangeLabel product={product} label={label} />
          {template !== null && <RemoveLabel product={product} />}
        </span>
      </h2>
      {template === null ? (
        <Empty title="Its units get no label.">
          With one, a station prints a label after each PASS, and the nest is not done before.
        </Empty>
      ) : (
        <>
          <p>
            {scanBack === null ? (
              "Nobody scans it back."
            ) : (
              <>
                Scanned back as <span className="mono">{scanBack}</span>
              </>
            )}
          </p>
          <Sample product={product} template={template} scanBack={scanBack} />
          <details>
            <summary>The template, in ZPL</summary>
            <pre className="mono zpl">{template}</pre>
          </details>
        </>
      )}
    </>
  );
}

function ChangeLabel({
  product,
  label,
}: {
  readonly product: ProductView;
  readonly label: LabelView;
}) {
  const isNew = label.template === null;
  return (
    <Act
      label={isNew ? "Add a label" : "Change the label"}
      title={`The label of ${product.name}`}
      needs="setLabel"
      verb={isNew ? "Add the label" : "Change the label"}
      wide
      initial={{
        template: label.template ?? FIRST_LABEL,
        scanBack: label.scanBack ?? (isNew ? "{serial}" : ""),
        reason: "",
      }}
      ready={({ template }) => template.trim() !== ""}
      run={({ template, scanBack, reason }) =>
        call("setLabel", {
          params: { id: product.id },
          body: { template, scanBack: scanBackOf(scanBack), reason: reason.trim() },
        })
      }
      affects={["label"]}
      done={() => `${product.name} has another label.`}
    >
      {(form) => (
        <>
          <LinesField
            form={form}
            name="template"
            label="Template, in ZPL"
            required
            rows={6}
            hint={
              <>
                It may show{" "}
                {label.placeholders.map((name) => (
                  <code key={name}>{`{${name}} `}</code>
                ))}
              </>
            }
          />
          <TextField
            form={form}
            name="scanBack"
            label="What it says when it is scanned"
            mono
            hint="It must say the serial. Empty: nobody scans it back."
          />
          <Sample
            product={product}
            template={form.values.template}
            scanBack={scanBackOf(form.values.scanBack)}
          />
        </>
      )}
    </Act>
  );
}

const scanBackOf = (text: string): string | null => (text.trim() === "" ? null : text.trim());

function RemoveLabel({ product }: { readonly product: ProductView }) {
  return (
    <Act
      label="No label"
      title={`No label for ${product.name}?`}
      needs="setLabel"
      verb="Remove the label"
      weight="danger"
      initial={{ reason: "" }}
      run={({ reason }) =>
        call("setLabel", {
          params: { id: product.id },
          body: { template: null, scanBack: null, reason: reason.trim() },
        })
      }
      affects={["label"]}
      done={() => `Units of ${product.name} get no label any more.`}
    >
      {() => (
        <p>
          Units that pass from now on get none. Jobs that are at a station, and grants that were
          given, keep the label that they have.
        </p>
      )}
    </Act>
  );
}

interface SampleProps {
  readonly product: ProductView;
  readonly template: string;
  readonly scanBack: string | null;
}

/** What would be printed for a unit; or why nothing would. */
function Sample({ product, ...given }: SampleProps) {
  const [serial, setSerial] = useState("");
  const latest = useQuery(manage.latestSerial(product.name));
  const { template, scanBack } = useDeferredValue(given);
  const shown = useDeferredValue(
    serial.trim() === "" ? (latest.data ?? "SAMPLE-1") : serial.trim(),
  );
  const preview = useQuery(manage.labelPreview(product.id, { serial: shown, template, scanBack }));
  return (
    <div className="label-sample">
      <label className="soft small">
        As printed for{" "}
        <input
          className="mono"
          aria-label="Serial of the sample"
          placeholder={latest.data ?? "SAMPLE-1"}
          value={serial}
          maxLength={64}
          onChange={(event) => setSerial(event.currentTarget.value)}
        />
      </label>
      {preview.isError && <ErrorNote error={preview.error} />}
      {preview.data !== undefined && !preview.isError && <Printed preview={preview.data} />}
    </div>
  );
}

function Printed({ preview }: { readonly preview: LabelPreview }) {
  const fields = labelFields(preview.zpl);
  return (
    <>
      <ul className="plain-list">
        {fields.map(({ kind, text, at }) => (
          <li key={`${at} ${kind} ${text}`}>
            <span className="soft">{kind}</span>
            <span className="mono">{text}</span>
            {at !== null && <span className="soft small">at {at.join(", ")}</span>}
          </li>
        ))}
      </ul>
      {fields.length === 0 && <p className="soft">It prints no text and no code.</p>}
      {preview.code !== null && (
        <p className="soft small">
          A scan of it must say <span className="mono">{preview.code}</span>.
        </p>
      )}
      {preview.madeUp.length > 0 && (
        <p className="soft small">Made up here: {preview.madeUp.join(", ")}.</p>
      )}
    </>
  );
}
