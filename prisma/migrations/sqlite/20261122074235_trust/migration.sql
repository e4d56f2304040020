-- AlterTable
ALTER TABLE "Request" ADD COLUMN "inputHash" TEXT;
ALTER TABLE "Request" ADD COLUMN "inputMarks" JSONB;
ALTER TABLE "Request" ADD COLUMN "markId" TEXT;

-- AlterTable
ALTER TABLE "Consent" ADD COLUMN "answerBy" DATETIME;
ALTER TABLE "Consent" ADD COLUMN "channelId" TEXT;
ALTER TABLE "Consent" ADD COLUMN "messageId" TEXT;

-- CreateTable
CREATE TABLE "MadeFile" (
    "sha256" TEXT NOT NULL,
    "requestId" TEXT NOT NULL,
    "perceptualHashes" JSONB,
    "madeAt" DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,

    PRIMARY KEY ("sha256", "requestId"),
    CONSTRAINT "MadeFile_requestId_fkey" FOREIGN KEY ("requestId") REFERENCES "Request" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "Removal" (
    "requestId" TEXT NOT NULL PRIMARY KEY,
    "state" TEXT NOT NULL DEFAULT 'waiting',
    "reason" TEXT NOT NULL,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "nextAttemptAt" DATETIME NOT NULL,
    "problem" TEXT,
    "createdAt" DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "doneAt" DATETIME,
    CONSTRAINT "Removal_requestId_fkey" FOREIGN KEY ("requestId") REFERENCES "Request" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "ConsentEvent" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "consentId" TEXT NOT NULL,
    "at" DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "from" TEXT,
    "to" TEXT NOT NULL,
    "actor" TEXT NOT NULL,
    CONSTRAINT "ConsentEvent_consentId_fkey" FOREIGN KEY ("consentId") REFERENCES "Consent" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "LogEntry" (
    "seq" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "kind" TEXT NOT NULL,
    "rowId" INTEGER NOT NULL,
    "guildId" TEXT,
    "at" DATETIME NOT NULL,
    "body" JSONB NOT NULL,
    "commitments" JSONB NOT NULL,
    "previousHash" TEXT NOT NULL,
    "hash" TEXT NOT NULL
);

-- CreateTable
CREATE TABLE "LogSalt" (
    "seq" INTEGER NOT NULL,
    "field" TEXT NOT NULL,
    "salt" TEXT NOT NULL,

    PRIMARY KEY ("seq", "field")
);

-- CreateIndex
CREATE INDEX "MadeFile_requestId_idx" ON "MadeFile"("requestId");

-- CreateIndex
CREATE INDEX "Removal_state_nextAttemptAt_idx" ON "Removal"("state", "nextAttemptAt");

-- CreateIndex
CREATE INDEX "ConsentEvent_consentId_idx" ON "ConsentEvent"("consentId");

-- CreateIndex
CREATE UNIQUE INDEX "LogEntry_kind_rowId_key" ON "LogEntry"("kind", "rowId");

-- CreateIndex
CREATE UNIQUE INDEX "Request_markId_key" ON "Request"("markId");

-- CreateIndex
CREATE INDEX "Request_guildId_requesterId_createdAt_idx" ON "Request"("guildId", "requesterId", "createdAt");

-- CreateIndex
CREATE INDEX "Request_guildId_state_createdAt_idx" ON "Request"("guildId", "state", "createdAt");

-- CreateIndex
CREATE INDEX "Consent_state_answerBy_idx" ON "Consent"("state", "answerBy");

-- Append-only, as the tables of the second migration are.

CREATE TRIGGER "ConsentEvent_no_update" BEFORE UPDATE ON "ConsentEvent"
WHEN NOT EXISTS (SELECT 1 FROM "Purge" WHERE "endedAt" IS NULL)
BEGIN
  SELECT RAISE(ABORT, 'ConsentEvent is append-only');
END;

CREATE TRIGGER "ConsentEvent_no_delete" BEFORE DELETE ON "ConsentEvent"
WHEN NOT EXISTS (SELECT 1 FROM "Purge" WHERE "endedAt" IS NULL)
BEGIN
  SELECT RAISE(ABORT, 'ConsentEvent is append-only');
END;

CREATE TRIGGER "ConsentEvent_no_replace" BEFORE INSERT ON "ConsentEvent"
WHEN EXISTS (SELECT 1 FROM "ConsentEvent" WHERE "id" = NEW."id")
BEGIN
  SELECT RAISE(ABORT, 'ConsentEvent is append-only');
END;

CREATE TRIGGER "LogEntry_no_update" BEFORE UPDATE ON "LogEntry"
WHEN NOT EXISTS (SELECT 1 FROM "Purge" WHERE "endedAt" IS NULL)
BEGIN
  SELECT RAISE(ABORT, 'LogEntry is append-only');
END;

CREATE TRIGGER "LogEntry_no_delete" BEFORE DELETE ON "LogEntry"
WHEN NOT EXISTS (SELECT 1 FROM "Purge" WHERE "endedAt" IS NULL)
BEGIN
  SELECT RAISE(ABORT, 'LogEntry is append-only');
END;

CREATE TRIGGER "LogEntry_no_replace" BEFORE INSERT ON "LogEntry"
WHEN EXISTS (SELECT 1 FROM "LogEntry" WHERE "seq" = NEW."seq")
BEGIN
  SELECT RAISE(ABORT, 'LogEntry is append-only');
END;
