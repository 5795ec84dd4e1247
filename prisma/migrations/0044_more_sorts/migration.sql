-- Lists of orders by state and by product, and lists of releases by product and by version.
CREATE INDEX "work_order_state_id_idx" ON "work_order"("state", "id");
CREATE INDEX "work_order_product_id_id_idx" ON "work_order"("product_id", "id");
CREATE INDEX "release_product_id_id_idx" ON "release"("product_id", "id");

-- Orders versions as people do: 1.9.0 before 1.10.0, and 2.0.0-rc1 before 2.0.0. For comparison as bytes.
CREATE FUNCTION "version_key"("version" text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT regexp_replace(regexp_replace(replace("version", '-', '!'), '(\d+)', '000000000000000\1', 'g'), '0*(\d{15})', '\1', 'g') || '#'
$$;
CREATE INDEX "release_version" ON "release" ("version_key"("version") COLLATE "C", "id");
CREATE INDEX "release_version_of_product" ON "release" ("product_id", "version_key"("version") COLLATE "C", "id");
