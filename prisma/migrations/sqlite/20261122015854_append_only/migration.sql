-- What the log is made of may not be changed or removed, whoever asks, unless src/store/purge.ts opened a purge in the same
-- transaction. A migration that rebuilds one of these tables must make its triggers again. INSERT OR REPLACE removes rows without
-- firing the triggers for that, hence those on INSERT.

CREATE TRIGGER "RequestEvent_no_update" BEFORE UPDATE ON "RequestEvent"
WHEN NOT EXISTS (SELECT 1 FROM "Purge" WHERE "endedAt" IS NULL)
BEGIN
  SELECT RAISE(ABORT, 'RequestEvent is append-only');
END;

CREATE TRIGGER "RequestEvent_no_delete" BEFORE DELETE ON "RequestEvent"
WHEN NOT EXISTS (SELECT 1 FROM "Purge" WHERE "endedAt" IS NULL)
BEGIN
  SELECT RAISE(ABORT, 'RequestEvent is append-only');
END;

CREATE TRIGGER "DeliveryTry_no_update" BEFORE UPDATE ON "DeliveryTry"
WHEN NOT EXISTS (SELECT 1 FROM "Purge" WHERE "endedAt" IS NULL)
BEGIN
  SELECT RAISE(ABORT, 'DeliveryTry is append-only');
END;

CREATE TRIGGER "DeliveryTry_no_delete" BEFORE DELETE ON "DeliveryTry"
WHEN NOT EXISTS (SELECT 1 FROM "Purge" WHERE "endedAt" IS NULL)
BEGIN
  SELECT RAISE(ABORT, 'DeliveryTry is append-only');
END;

CREATE TRIGGER "ModeratorAction_no_update" BEFORE UPDATE ON "ModeratorAction"
WHEN NOT EXISTS (SELECT 1 FROM "Purge" WHERE "endedAt" IS NULL)
BEGIN
  SELECT RAISE(ABORT, 'ModeratorAction is append-only');
END;

CREATE TRIGGER "ModeratorAction_no_delete" BEFORE DELETE ON "ModeratorAction"
WHEN NOT EXISTS (SELECT 1 FROM "Purge" WHERE "endedAt" IS NULL)
BEGIN
  SELECT RAISE(ABORT, 'ModeratorAction is append-only');
END;

CREATE TRIGGER "Purge_no_update" BEFORE UPDATE ON "Purge"
WHEN OLD."endedAt" IS NOT NULL
BEGIN
  SELECT RAISE(ABORT, 'Purge is append-only');
END;

CREATE TRIGGER "Purge_no_delete" BEFORE DELETE ON "Purge"
BEGIN
  SELECT RAISE(ABORT, 'Purge is append-only');
END;

CREATE TRIGGER "RequestEvent_no_replace" BEFORE INSERT ON "RequestEvent"
WHEN EXISTS (SELECT 1 FROM "RequestEvent" WHERE "id" = NEW."id")
BEGIN
  SELECT RAISE(ABORT, 'RequestEvent is append-only');
END;

CREATE TRIGGER "DeliveryTry_no_replace" BEFORE INSERT ON "DeliveryTry"
WHEN EXISTS (SELECT 1 FROM "DeliveryTry" WHERE "id" = NEW."id")
BEGIN
  SELECT RAISE(ABORT, 'DeliveryTry is append-only');
END;

CREATE TRIGGER "ModeratorAction_no_replace" BEFORE INSERT ON "ModeratorAction"
WHEN EXISTS (SELECT 1 FROM "ModeratorAction" WHERE "id" = NEW."id")
BEGIN
  SELECT RAISE(ABORT, 'ModeratorAction is append-only');
END;

CREATE TRIGGER "Purge_no_replace" BEFORE INSERT ON "Purge"
WHEN EXISTS (SELECT 1 FROM "Purge" WHERE "id" = NEW."id")
BEGIN
  SELECT RAISE(ABORT, 'Purge is append-only');
END;
