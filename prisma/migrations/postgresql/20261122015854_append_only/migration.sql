-- What the log is made of may not be changed or removed, whoever asks, unless src/store/purge.ts opened a purge in the same
-- transaction.

CREATE FUNCTION lumiere_append_only() RETURNS trigger AS $$
BEGIN
  IF TG_OP <> 'TRUNCATE' AND EXISTS (SELECT 1 FROM "Purge" WHERE "endedAt" IS NULL) THEN
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
  END IF;
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END;
$$ LANGUAGE plpgsql;

CREATE FUNCTION lumiere_ended_purge() RETURNS trigger AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND OLD."endedAt" IS NULL THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END;
$$ LANGUAGE plpgsql;

CREATE TRIGGER "RequestEvent_append_only" BEFORE UPDATE OR DELETE ON "RequestEvent"
FOR EACH ROW EXECUTE FUNCTION lumiere_append_only();
CREATE TRIGGER "RequestEvent_no_truncate" BEFORE TRUNCATE ON "RequestEvent"
FOR EACH STATEMENT EXECUTE FUNCTION lumiere_append_only();

CREATE TRIGGER "DeliveryTry_append_only" BEFORE UPDATE OR DELETE ON "DeliveryTry"
FOR EACH ROW EXECUTE FUNCTION lumiere_append_only();
CREATE TRIGGER "DeliveryTry_no_truncate" BEFORE TRUNCATE ON "DeliveryTry"
FOR EACH STATEMENT EXECUTE FUNCTION lumiere_append_only();

CREATE TRIGGER "ModeratorAction_append_only" BEFORE UPDATE OR DELETE ON "ModeratorAction"
FOR EACH ROW EXECUTE FUNCTION lumiere_append_only();
CREATE TRIGGER "ModeratorAction_no_truncate" BEFORE TRUNCATE ON "ModeratorAction"
FOR EACH STATEMENT EXECUTE FUNCTION lumiere_append_only();

CREATE TRIGGER "Purge_append_only" BEFORE UPDATE OR DELETE ON "Purge"
FOR EACH ROW EXECUTE FUNCTION lumiere_ended_purge();
