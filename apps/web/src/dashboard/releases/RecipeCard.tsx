import { type RecipeView, serialRuleText } from "@flashline/contract";
import { hexAddress } from "../../shared/format.ts";
import { Facts } from "../parts/Facts.tsx";
import { Scroll } from "../parts/Scroll.tsx";
import { fieldPlaces, sourceText } from "./recipe.ts";

const REMAINDERS: Readonly<Record<string, string>> = {
  discard: "erased with its sector",
  preserve: "kept",
  refuse: "must be blank",
};

/** What the release asks of every unit, as it was signed. */
export function RecipeCard({ recipe }: { readonly recipe: RecipeView }) {
  const options = Object.entries(recipe.expectOptions);
  return (
    <section className="card">
      <h2>Recipe</h2>
      <Facts
        items={[
          ["Pacing profile", recipe.profile],
          ["Around the image", REMAINDERS[recipe.remainder] ?? recipe.remainder],
          ["After PASS", recipe.leave ? "the application is started" : "the unit stays as it is"],
          [
            "Port must then show",
            recipe.expectAfterLeave === null ? null : (
              <span key="show">
                <span className="mono">{recipe.expectAfterLeave}</span> within{" "}
                {recipe.withinSeconds} s
              </span>
            ),
          ],
          [
            "USB serial must then be",
            recipe.shownSerial === undefined ? null : (
              <span key="serial">
                <span className="mono">{serialRuleText(recipe.shownSerial)}</span> within{" "}
                {recipe.withinSeconds} s
              </span>
            ),
          ],
          [
            "Bank mode must be",
            recipe.bankMode === undefined ? null : (
              <span key="bank-mode" className="mono">
                {recipe.bankMode}
              </span>
            ),
          ],
          [
            "Vector table",
            recipe.vectorTable === undefined ? null : recipe.vectorTable === "none" ? (
              "the image has none"
            ) : (
              <span key="vector-table" className="mono">
                {hexAddress(recipe.vectorTable)}
              </span>
            ),
          ],
          [
            "Taken as raw bytes",
            recipe.rawImages === undefined ? null : (
              <span key="raw-images" className="mono names">
                {recipe.rawImages.join("\n")}
              </span>
            ),
          ],
          [
            "Option bytes must be",
            options.length === 0 ? null : (
              <span key="options" className="mono">
                {options.map(([name, value]) => `${name}=${value}`).join(", ")}
              </span>
            ),
          ],
        ]}
      />
      {recipe.fields.length > 0 && <Fields fields={recipe.fields} />}
    </section>
  );
}

function Fields({ fields }: Pick<RecipeView, "fields">) {
  return (
    <>
      <h3 className="next">Data of each unit</h3>
      <Scroll label="Fields">
        <table className="table">
          <thead>
            <tr>
              <th>Field</th>
              <th>Taken from</th>
              <th>Written as</th>
              <th>Address</th>
              <th className="r">Bytes</th>
            </tr>
          </thead>
          <tbody>
            {fieldPlaces(fields).map((field) => (
              <tr key={field.name}>
                <td className="mono">{field.name}</td>
                <td>{sourceText(field)}</td>
                <td>{field.kind}</td>
                <td className="mono">{hexAddress(field.address)}</td>
                <td className="r">{field.length}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </>
  );
}
