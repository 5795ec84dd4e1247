import { Button, PasswordInput, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { call } from "../api/client.ts";
import { ErrorNote } from "../parts/states.tsx";
import { ProviderLogin } from "./ProviderLogin.tsx";

/** `before`: whose session has ended, while a page of theirs waits behind this one. */
export function LoginPage({ before }: { readonly before?: string }) {
  const client = useQueryClient();
  const [name, setName] = useState(before ?? "");
  const [password, setPassword] = useState("");
  const login = useMutation({
    mutationFn: () => call("login", { body: { name, password } }),
    // Another person's page begins anew; the same one's goes on with what stands there.
    onSuccess: ({ body }) =>
      body.name === before ? client.invalidateQueries() : client.resetQueries(),
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (!login.isPending) login.mutate();
  };
  return (
    <main className="login">
      <form className="card" onSubmit={submit}>
        <h1>Flashline</h1>
        <p>
          {before === undefined
            ? "Every unit that was flashed, by which PC, and whether that PC can be trusted."
            : `The session of ${before} has ended. What stood on the page is still there after the log-in.`}
        </p>
        <TextInput
          label="Name"
          name="username"
          autoComplete="username"
          required
          withAsterisk={false}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <PasswordInput
          label="Password"
          name="password"
          autoComplete="current-password"
          required
          withAsterisk={false}
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
        {login.error !== null && <ErrorNote error={login.error} />}
        <Button type="submit" size="md" loading={login.isPending}>
          Log in
        </Button>
        <ProviderLogin />
      </form>
    </main>
  );
}
