import { describeCode, isKnownCode } from "@flashline/contract";
import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { Icon } from "../../shared/icons.tsx";
import { queries } from "../api/queries.ts";

const REFUSED = "refused";

/** With which code the server sent somebody back whom the provider could not get in. Behind the "#": no router rewrites that. */
function refusedCode(): string | null {
  const code = new URLSearchParams(window.location.hash.slice(1)).get(REFUSED);
  // Anybody may write an address: what no server of this version says is not shown.
  return code !== null && isKnownCode(code) ? code : null;
}

/** Said once: who logs out later did not fail. */
function forgetRefusal(): void {
  const { hash, pathname, search } = window.location;
  if (hash.startsWith(`#${REFUSED}=`)) {
    window.history.replaceState(window.history.state, "", `${pathname}${search}`);
  }
}

/** The way to the identity provider, where there is one, and why the last log-in by it failed. */
export function ProviderLogin() {
  const [code] = useState(refusedCode);
  const { data } = useQuery(queries.loginWays());
  const provider = data?.provider ?? null;
  useEffect(forgetRefusal, []);
  return (
    <>
      {code !== null && <Refused code={code} />}
      {provider !== null && (
        <Button
          component="a"
          href={provider.url}
          variant="default"
          size="md"
          // A long host goes on in a second line of a telephone.
          h="auto"
          py="xs"
          styles={{
            label: {
              whiteSpace: "normal",
              lineHeight: 1.3,
              overflowWrap: "anywhere",
              textAlign: "center",
            },
          }}
        >
          Log in with {provider.host}
        </Button>
      )}
    </>
  );
}

function Refused({ code }: { readonly code: string }) {
  const { action, meaning } = describeCode(code);
  return (
    <div className="error-note" role="alert">
      <Icon name="warning" size={20} />
      <div>
        <b>{action}</b>
        <p>{meaning}</p>
        <p className="mono small">{code}</p>
      </div>
    </div>
  );
}
