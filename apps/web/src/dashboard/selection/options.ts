import { Blame, CODES, type HostView } from "@flashline/contract";

import { useQuery } from "@tanstack/react-query";
import { queries } from "../api/queries.ts";
import { allowed } from "../parts/allowed.ts";
import type { Selection, SelectionKey } from "./selection.ts";

export interface Option {
  readonly value: string;
  readonly label: string;
}
const named = (names: readonly string[]): readonly Option[] =>
  [...new Set(names)].map((name) => ({ value: name, label: name }));

/** What is offered for a filter. Names that are not offered may be typed where `isOpen` says so. */
interface Offer {
  readonly options: readonly Option[];
  readonly isOpen: boolean;
}

const OUTCOMES: readonly Option[] = [
  { value: "PASS", label: "PASS" },
  { value: "FAIL", label: "FAIL" },
];
const VIRTUAL: readonly Option[] = [
  { value: "false", label: "Real units" },
  { value: "true", label: "Virtual units" },
];

const modelOf = ({ controller, controllerName }: HostView): Option => ({
  value: controller,
  label: controllerName === "" ? controller : `${controller} ${controllerName}`,
});
const unique = (options: readonly Option[]): readonly Option[] => [
  ...new Map(options.map((option) => [option.value, option])).values(),
];

/** What can be chosen for a filter, from what the plant has. */
export function useOffer(key: SelectionKey, selection: Selection): Offer {
  const { data: session } = useQuery(queries.session());
  const plants = useQuery({ ...queries.plants(), enabled: ["plant", "line"].includes(key) });
  const stations = useQuery({ ...queries.stations(), enabled: ["station", "nest"].includes(key) });
  const hosts = useQuery({ ...queries.hosts(), enabled: ["host", "model"].includes(key) });
  const products = useQuery({ ...queries.products(), enabled: key === "product" });
  const releases = useQuery({
    ...queries.releaseNames(selection.product),
    enabled: key === "release",
  });
  const orders = useQuery({ ...queries.orderNames(), enabled: key === "order" });
  const isPeople = key === "operator" && allowed(session?.role, "people");
  const people = useQuery({ ...queries.people(), enabled: isPeople });
  const closed = (options: readonly Option[]): Offer => ({ options, isOpen: false });
  const open = (options: readonly Option[]): Offer => ({ options, isOpen: true });
  const inPlant = (plants.data ?? []).filter(
    ({ name }) => selection.plant === undefined || name === selection.plant,
  );
  switch (key) {
    case "plant":
      return closed(named((plants.data ?? []).map(({ name }) => name)));
    case "line":
      return closed(named(inPlant.flatMap(({ lines }) => lines)));
    case "station":
      return closed(named((stations.data ?? []).map(({ name }) => name)));
    case "nest": {
      const station = stations.data?.find(({ name }) => name === selection.station);
      return closed(named(station?.nests.map(({ name }) => name) ?? []));
    }
    case "host":
      return closed((hosts.data?.hosts ?? []).map(({ id, name }) => ({ value: id, label: name })));
    case "model":
      return open(unique((hosts.data?.hosts ?? []).map(modelOf)));
    case "product":
      return closed(named((products.data ?? []).map(({ name }) => name)));
    case "release":
      return open(named(releases.data ?? []));
    case "order":
      return open(named(orders.data ?? []));
    case "outcome":
      return closed(OUTCOMES);
    case "code":
      return open(named(Object.keys(CODES)));
    case "blame":
      return closed(named(Object.values(Blame)));
    case "virtual":
      return closed(VIRTUAL);
    case "operator":
      return isPeople
        ? closed((people.data ?? []).map(({ id, name }) => ({ value: id, label: name })))
        : open([]);
    default:
      return open([]);
  }
}
