import { describeCode, ENDPOINTS } from "@flashline/contract";
import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { queries } from "../api/queries.ts";

/** With which code the server sent somebody back whom the provider could not get in. Behind the "#": no router rewrites that. */
function refusedCode(): string | null {
  return new URLSearchParams(window.location.hash.slice(1)).get("refused");
}

/** The way to the identity provider, where there is one, and why the last log-in by it failed. */
export function ProviderLogin() {
  const [code] = useState(refusedCode);
  const { data } = useQuery(queries.loginWays());
  const provider = data?.provider ?? null;
  if (provider === null) return null;
  return (
    <>
      {code !== null && (
        <div className="error-note" role="alert">
          <div>
            <b>{describeCode(code).action}</b>
            <p>{describeCode(code).meaning}</p>
            <p className="mono small">{code}</p>
          </div>
        </div>
      )}
      <Button component="a" href={ENDPOINTS.startProviderLogin.path} variant="default" size="md">
        Log in by {provider}
      </Button>
    </>
  );
}
