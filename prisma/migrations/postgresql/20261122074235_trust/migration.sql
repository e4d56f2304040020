-- CreateEnum
CREATE TYPE "RemovalState" AS ENUM ('waiting', 'done', 'failed');

-- AlterEnum
-- This migration adds more than one value to an enum.
-- With PostgreSQL versions 11 and earlier, this is not possible
-- in a single migration. This can be worked around by creating
-- multiple migrations, each migration adding only one value to
-- the enum.


ALTER TYPE "ModeratorActionKind" ADD VALUE 'decline';
ALTER TYPE "ModeratorActionKind" ADD VALUE 'upholdReport';

-- AlterTable
ALTER TABLE "Request" ADD COLUMN     "inputHash" TEXT,
ADD COLUMN     "inputMarks" JSONB,
ADD COLUMN     "markId" TEXT;

-- AlterTable
ALTER TABLE "Consent" ADD COLUMN     "answerBy" TIMESTAMP(3),
ADD COLUMN     "channelId" TEXT,
ADD COLUMN     "messageId" TEXT;

-- CreateTable
CREATE TABLE "MadeFile" (
    "sha256" TEXT NOT NULL,
    "requestId" TEXT NOT NULL,
    "perceptualHashes" JSONB,
    "madeAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "MadeFile_pkey" PRIMARY KEY ("sha256","requestId")
);

-- CreateTable
CREATE TABLE "Removal" (
    "requestId" TEXT NOT NULL,
    "state" "RemovalState" NOT NULL DEFAULT 'waiting',
    "reason" TEXT NOT NULL,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "nextAttemptAt" TIMESTAMP(3) NOT NULL,
    "problem" TEXT,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "doneAt" TIMESTAMP(3),

    CONSTRAINT "Removal_pkey" PRIMARY KEY ("requestId")
);

-- CreateTable
CREATE TABLE "ConsentEvent" (
    "id" SERIAL NOT NULL,
    "consentId" TEXT NOT NULL,
    "at" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "from" "ConsentState",
    "to" "ConsentState" NOT NULL,
    "actor" TEXT NOT NULL,

    CONSTRAINT "ConsentEvent_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "LogEntry" (
    "seq" INTEGER NOT NULL,
    "kind" TEXT NOT NULL,
    "rowId" INTEGER NOT NULL,
    "guildId" TEXT,
    "at" TIMESTAMP(3) NOT NULL,
    "body" JSONB NOT NULL,
    "commitments" JSONB NOT NULL,
    "previousHash" TEXT NOT NULL,
    "hash" TEXT NOT NULL,

    CONSTRAINT "LogEntry_pkey" PRIMARY KEY ("seq")
);

-- CreateTable
CREATE TABLE "LogSalt" (
    "seq" INTEGER NOT NULL,
    "field" TEXT NOT NULL,
    "salt" TEXT NOT NULL,

    CONSTRAINT "LogSalt_pkey" PRIMARY KEY ("seq","field")
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

-- AddForeignKey
ALTER TABLE "MadeFile" ADD CONSTRAINT "MadeFile_requestId_fkey" FOREIGN KEY ("requestId") REFERENCES "Request"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Removal" ADD CONSTRAINT "Removal_requestId_fkey" FOREIGN KEY ("requestId") REFERENCES "Request"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ConsentEvent" ADD CONSTRAINT "ConsentEvent_consentId_fkey" FOREIGN KEY ("consentId") REFERENCES "Consent"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Append-only, as the tables of the second migration are.

CREATE TRIGGER "ConsentEvent_append_only" BEFORE UPDATE OR DELETE ON "ConsentEvent"
FOR EACH ROW EXECUTE FUNCTION lumiere_append_only();
CREATE TRIGGER "ConsentEvent_no_truncate" BEFORE TRUNCATE ON "ConsentEvent"
FOR EACH STATEMENT EXECUTE FUNCTION lumiere_append_only();

CREATE TRIGGER "LogEntry_append_only" BEFORE UPDATE OR DELETE ON "LogEntry"
FOR EACH ROW EXECUTE FUNCTION lumiere_append_only();
CREATE TRIGGER "LogEntry_no_truncate" BEFORE TRUNCATE ON "LogEntry"
FOR EACH STATEMENT EXECUTE FUNCTION lumiere_append_only();
