import type { AlarmView } from "@flashline/contract";
import { Link } from "@tanstack/react-router";
import { productOf } from "./words.ts";

/** The page of what an alarm is about, where it has one. */
export function Subject({ alarm: { subject, station, plant } }: { readonly alarm: AlarmView }) {
  const { kind, id, name } = subject;
  if (kind === "host") {
    return (
      <Link to="/hosts/$id" params={{ id }}>
        {name}
      </Link>
    );
  }
  if (kind === "order") {
    return (
      <Link to="/work-orders/$number" params={{ number: name }}>
        {name}
      </Link>
    );
  }
  if (kind === "release") {
    return (
      <Link to="/releases/$id" params={{ id }}>
        {name}
      </Link>
    );
  }
  if (kind === "line") {
    return (
      <Link to="/" search={{ line: name, plant: plant ?? undefined }}>
        {name}
      </Link>
    );
  }
  if (kind === "webhook") return <Link to="/settings/webhooks">{name}</Link>;
  if (kind === "product") {
    return (
      <Link to="/products/$name" params={{ name: productOf(subject) }}>
        {name}
      </Link>
    );
  }
  if (station !== null) {
    return (
      <Link to="/stations/$name" params={{ name: station }}>
        {name}
      </Link>
    );
  }
  return <>{name}</>;
}
