/** A new UUIDv7 (RFC 9562, section 5.7): sortable by the millisecond in which it was made. */
export { v7 as newId } from "uuid";
