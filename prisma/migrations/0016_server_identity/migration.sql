-- Which server this is, wherever its rows are read beside those of others. Made here, kept by a backup, never changed.
CREATE TABLE "server_identity" (
    "id" UUID NOT NULL,
    CONSTRAINT "server_identity_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "server_identity_one" ON "server_identity"((true));
INSERT INTO "server_identity" ("id") SELECT gen_random_uuid();
