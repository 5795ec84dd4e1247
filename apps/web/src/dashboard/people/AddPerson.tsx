import { LEAST_PASSWORD } from "@flashline/contract";
import { useQuery } from "@tanstack/react-query";
import { Act } from "../act/Act.tsx";
import { ChoiceField, TextField } from "../act/fields.tsx";
import { given } from "../act/typed.ts";
import { call } from "../api/client.ts";
import { queries } from "../api/queries.ts";
import { PlantField } from "./PlantField.tsx";
import { isRole, ROLE_CHOICES, roleSays } from "./words.ts";

export function AddPerson() {
  const plants = useQuery(queries.plants());
  return (
    <Act
      label="Add a person"
      title="Add a person"
      needs="addPerson"
      weight="first"
      size="sm"
      verb={({ name }) => (name.trim() === "" ? "Add" : `Add ${name.trim()}`)}
      initial={{ name: "", role: "operator" as string, plant: "", password: "", reason: "" }}
      isReasonOptional
      ready={({ name, role, password }) =>
        name.trim() !== "" &&
        isRole(role) &&
        (role === "operator" || password === "" || password.length >= LEAST_PASSWORD)
      }
      run={({ name, role, plant, password, reason }) =>
        call("addPerson", {
          body: {
            name: name.trim(),
            role: isRole(role) ? role : "operator",
            plant: plant === "" ? null : plant,
            ...(role === "operator" || password === "" ? {} : { password }),
            ...(given(reason) === undefined ? {} : { reason: given(reason) }),
          },
        })
      }
      affects={["people"]}
      done={({ body, status }) =>
        status === 200
          ? `${body.name} is there already, just so.`
          : `${body.name} was added${body.role === "operator" ? ". Give them a badge." : "."}`
      }
    >
      {(form) => {
        const { role } = form.values;
        return (
          <>
            <TextField form={form} name="name" label="Name" required maxLength={80} />
            <ChoiceField
              form={form}
              name="role"
              label="Role"
              hint={roleSays(role)}
              choices={ROLE_CHOICES.map(([name]) => [name, name] as const)}
            />
            <PlantField form={form} plants={plants.data ?? []} />
            {role !== "operator" && (
              <TextField
                form={form}
                name="password"
                label="Password"
                type="password"
                hint={`At least ${LEAST_PASSWORD} characters. Empty: they log in at the provider, or get one later.`}
              />
            )}
          </>
        );
      }}
    </Act>
  );
}
