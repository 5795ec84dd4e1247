import { Link } from "@tanstack/react-router";
import { useAllowed } from "../act/rights.ts";

/** The pages of the settings that who is logged in may open. */
export function SettingsTabs() {
  const mayMail = useAllowed("recipients");
  const mayHook = useAllowed("webhooks");
  return (
    <div className="tabs">
      <Link to="/settings" activeOptions={{ exact: true }}>
        Plants and lines
      </Link>
      {mayMail && <Link to="/settings/mail">E-mail</Link>}
      {mayHook && <Link to="/settings/webhooks">Webhooks</Link>}
    </div>
  );
}
