-- CreateEnum
CREATE TYPE "Command" AS ENUM ('restore', 'animate');

-- CreateEnum
CREATE TYPE "RequestState" AS ENUM ('received', 'waiting', 'running', 'delivering', 'held', 'delivered', 'kept', 'refused', 'failed', 'cancelled', 'removed');

-- CreateEnum
CREATE TYPE "DeliveryState" AS ENUM ('waiting', 'sending', 'refitting', 'delivered', 'kept', 'cancelled');

-- CreateEnum
CREATE TYPE "DeliveryPlace" AS ENUM ('interaction', 'message', 'channel', 'direct');

-- CreateEnum
CREATE TYPE "DeliveryKind" AS ENUM ('result', 'notice');

-- CreateEnum
CREATE TYPE "QuotaState" AS ENUM ('reserved', 'settled', 'released');

-- CreateEnum
CREATE TYPE "ConsentKind" AS ENUM ('self', 'member', 'artwork', 'outsider');

-- CreateEnum
CREATE TYPE "ConsentScope" AS ENUM ('photo', 'requester');

-- CreateEnum
CREATE TYPE "ConsentState" AS ENUM ('asked', 'given', 'refused', 'expired', 'revoked');

-- CreateEnum
CREATE TYPE "BlockKind" AS ENUM ('user', 'picture');

-- CreateEnum
CREATE TYPE "ReportState" AS ENUM ('open', 'upheld', 'dismissed');

-- CreateEnum
CREATE TYPE "ModeratorActionKind" AS ENUM ('view', 'export', 'hold', 'release', 'deleteResult', 'blockUser', 'unblockUser', 'blockPicture', 'unblockPicture', 'dismissReport', 'changeSettings', 'approve');

-- CreateEnum
CREATE TYPE "MediaRole" AS ENUM ('input', 'result', 'comparison');

-- CreateTable
CREATE TABLE "Request" (
    "id" TEXT NOT NULL,
    "command" "Command" NOT NULL,
    "state" "RequestState" NOT NULL,
    "guildId" TEXT,
    "channelId" TEXT NOT NULL,
    "requesterId" TEXT NOT NULL,
    "locale" TEXT NOT NULL,
    "interactionId" TEXT NOT NULL,
    "parameters" JSONB NOT NULL,
    "inputName" TEXT,
    "inputSha256" TEXT,
    "inputBytes" INTEGER,
    "inputSeconds" DOUBLE PRECISION,
    "predictedSeconds" DOUBLE PRECISION,
    "computeSeconds" DOUBLE PRECISION,
    "priority" INTEGER NOT NULL DEFAULT 0,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "workerId" TEXT,
    "dispatchedAt" TIMESTAMP(3),
    "cancelAskedAt" TIMESTAMP(3),
    "code" TEXT,
    "codeParameters" JSONB,
    "outcome" JSONB,
    "resultSha256" TEXT,
    "resultExpiresAt" TIMESTAMP(3),
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "queuedAt" TIMESTAMP(3),
    "startedAt" TIMESTAMP(3),
    "finishedAt" TIMESTAMP(3),
    "consentId" TEXT,

    CONSTRAINT "Request_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "RequestEvent" (
    "id" SERIAL NOT NULL,
    "requestId" TEXT NOT NULL,
    "at" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "from" "RequestState",
    "to" "RequestState" NOT NULL,
    "actor" TEXT NOT NULL,
    "code" TEXT,

    CONSTRAINT "RequestEvent_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Reply" (
    "requestId" TEXT NOT NULL,
    "applicationId" TEXT NOT NULL,
    "token" TEXT,
    "tokenExpiresAt" TIMESTAMP(3) NOT NULL,
    "isPrivate" BOOLEAN NOT NULL,
    "isSpoiler" BOOLEAN NOT NULL,
    "uploadLimit" INTEGER NOT NULL,
    "messageId" TEXT,

    CONSTRAINT "Reply_pkey" PRIMARY KEY ("requestId")
);

-- CreateTable
CREATE TABLE "Delivery" (
    "requestId" TEXT NOT NULL,
    "kind" "DeliveryKind" NOT NULL,
    "state" "DeliveryState" NOT NULL,
    "place" "DeliveryPlace" NOT NULL,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "nextAttemptAt" TIMESTAMP(3) NOT NULL,
    "claimedBy" TEXT,
    "claimedAt" TIMESTAMP(3),
    "sizeLimit" INTEGER,
    "lastProblem" TEXT,
    "channelId" TEXT,
    "messageId" TEXT,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "deliveredAt" TIMESTAMP(3),

    CONSTRAINT "Delivery_pkey" PRIMARY KEY ("requestId")
);

-- CreateTable
CREATE TABLE "DeliveryTry" (
    "id" SERIAL NOT NULL,
    "deliveryId" TEXT NOT NULL,
    "at" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "place" "DeliveryPlace" NOT NULL,
    "outcome" TEXT NOT NULL,

    CONSTRAINT "DeliveryTry_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "QuotaReservation" (
    "requestId" TEXT NOT NULL,
    "userId" TEXT NOT NULL,
    "guildId" TEXT,
    "command" "Command" NOT NULL,
    "state" "QuotaState" NOT NULL,
    "reservedSeconds" DOUBLE PRECISION NOT NULL,
    "settledSeconds" DOUBLE PRECISION,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "QuotaReservation_pkey" PRIMARY KEY ("requestId")
);

-- CreateTable
CREATE TABLE "User" (
    "id" TEXT NOT NULL,
    "locale" TEXT,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "seenAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "User_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "GuildSettings" (
    "guildId" TEXT NOT NULL,
    "userJobsPerDay" INTEGER,
    "userComputeSecondsPerDay" INTEGER,
    "guildJobsPerDay" INTEGER,
    "guildComputeSecondsPerDay" INTEGER,
    "maxClipSeconds" INTEGER,
    "resultRetentionHours" INTEGER,
    "logChannelId" TEXT,
    "artworksAllowed" BOOLEAN NOT NULL DEFAULT true,
    "reportHolds" BOOLEAN NOT NULL DEFAULT false,
    "ageRestrictedOnly" BOOLEAN NOT NULL DEFAULT false,
    "restoreRoles" JSONB,
    "animateRoles" JSONB,
    "roleQuotas" JSONB,
    "logRetentionDays" INTEGER,
    "updatedAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedBy" TEXT,
    "leftAt" TIMESTAMP(3),

    CONSTRAINT "GuildSettings_pkey" PRIMARY KEY ("guildId")
);

-- CreateTable
CREATE TABLE "Consent" (
    "id" TEXT NOT NULL,
    "kind" "ConsentKind" NOT NULL,
    "scope" "ConsentScope" NOT NULL,
    "state" "ConsentState" NOT NULL,
    "subjectId" TEXT,
    "requesterId" TEXT NOT NULL,
    "guildId" TEXT,
    "photoSha256" TEXT,
    "declared" TEXT,
    "textVersion" TEXT NOT NULL,
    "textLocale" TEXT NOT NULL,
    "askedAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "decidedAt" TIMESTAMP(3),
    "decidedBy" TEXT,
    "expiresAt" TIMESTAMP(3),
    "revokedAt" TIMESTAMP(3),

    CONSTRAINT "Consent_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Block" (
    "id" TEXT NOT NULL,
    "kind" "BlockKind" NOT NULL,
    "guildId" TEXT,
    "userId" TEXT,
    "perceptualHash" TEXT,
    "reason" TEXT NOT NULL,
    "createdBy" TEXT NOT NULL,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "liftedAt" TIMESTAMP(3),
    "liftedBy" TEXT,

    CONSTRAINT "Block_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Report" (
    "id" TEXT NOT NULL,
    "requestId" TEXT NOT NULL,
    "reporterId" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "state" "ReportState" NOT NULL DEFAULT 'open',
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "decidedAt" TIMESTAMP(3),
    "decidedBy" TEXT,

    CONSTRAINT "Report_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "ModeratorAction" (
    "id" SERIAL NOT NULL,
    "guildId" TEXT,
    "moderatorId" TEXT NOT NULL,
    "kind" "ModeratorActionKind" NOT NULL,
    "requestId" TEXT,
    "targetUserId" TEXT,
    "reason" TEXT,
    "detail" JSONB,
    "at" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "ModeratorAction_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "MediaObject" (
    "sha256" TEXT NOT NULL,
    "bytes" BIGINT NOT NULL,
    "mediaType" TEXT NOT NULL,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "MediaObject_pkey" PRIMARY KEY ("sha256")
);

-- CreateTable
CREATE TABLE "MediaReference" (
    "requestId" TEXT NOT NULL,
    "role" "MediaRole" NOT NULL,
    "sha256" TEXT NOT NULL,
    "expiresAt" TIMESTAMP(3),

    CONSTRAINT "MediaReference_pkey" PRIMARY KEY ("requestId","role")
);

-- CreateTable
CREATE TABLE "InstallationValue" (
    "key" TEXT NOT NULL,
    "value" TEXT NOT NULL,

    CONSTRAINT "InstallationValue_pkey" PRIMARY KEY ("key")
);

-- CreateTable
CREATE TABLE "Purge" (
    "id" SERIAL NOT NULL,
    "actor" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "startedAt" TIMESTAMP(3) NOT NULL,
    "endedAt" TIMESTAMP(3),
    "removed" INTEGER,

    CONSTRAINT "Purge_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "Request_interactionId_key" ON "Request"("interactionId");

-- CreateIndex
CREATE INDEX "Request_state_createdAt_idx" ON "Request"("state", "createdAt");

-- CreateIndex
CREATE INDEX "Request_requesterId_createdAt_idx" ON "Request"("requesterId", "createdAt");

-- CreateIndex
CREATE INDEX "Request_guildId_createdAt_idx" ON "Request"("guildId", "createdAt");

-- CreateIndex
CREATE INDEX "Request_resultSha256_idx" ON "Request"("resultSha256");

-- CreateIndex
CREATE INDEX "RequestEvent_requestId_idx" ON "RequestEvent"("requestId");

-- CreateIndex
CREATE INDEX "Delivery_state_nextAttemptAt_idx" ON "Delivery"("state", "nextAttemptAt");

-- CreateIndex
CREATE INDEX "DeliveryTry_deliveryId_idx" ON "DeliveryTry"("deliveryId");

-- CreateIndex
CREATE INDEX "QuotaReservation_userId_createdAt_idx" ON "QuotaReservation"("userId", "createdAt");

-- CreateIndex
CREATE INDEX "QuotaReservation_guildId_createdAt_idx" ON "QuotaReservation"("guildId", "createdAt");

-- CreateIndex
CREATE INDEX "Consent_subjectId_state_idx" ON "Consent"("subjectId", "state");

-- CreateIndex
CREATE INDEX "Consent_requesterId_idx" ON "Consent"("requesterId");

-- CreateIndex
CREATE INDEX "Block_userId_idx" ON "Block"("userId");

-- CreateIndex
CREATE INDEX "Block_guildId_idx" ON "Block"("guildId");

-- CreateIndex
CREATE INDEX "Report_state_idx" ON "Report"("state");

-- CreateIndex
CREATE UNIQUE INDEX "Report_requestId_reporterId_key" ON "Report"("requestId", "reporterId");

-- CreateIndex
CREATE INDEX "ModeratorAction_guildId_at_idx" ON "ModeratorAction"("guildId", "at");

-- CreateIndex
CREATE INDEX "ModeratorAction_requestId_idx" ON "ModeratorAction"("requestId");

-- CreateIndex
CREATE INDEX "MediaReference_sha256_idx" ON "MediaReference"("sha256");

-- CreateIndex
CREATE INDEX "MediaReference_expiresAt_idx" ON "MediaReference"("expiresAt");

-- AddForeignKey
ALTER TABLE "Request" ADD CONSTRAINT "Request_consentId_fkey" FOREIGN KEY ("consentId") REFERENCES "Consent"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "RequestEvent" ADD CONSTRAINT "RequestEvent_requestId_fkey" FOREIGN KEY ("requestId") REFERENCES "Request"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Reply" ADD CONSTRAINT "Reply_requestId_fkey" FOREIGN KEY ("requestId") REFERENCES "Request"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Delivery" ADD CONSTRAINT "Delivery_requestId_fkey" FOREIGN KEY ("requestId") REFERENCES "Request"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "DeliveryTry" ADD CONSTRAINT "DeliveryTry_deliveryId_fkey" FOREIGN KEY ("deliveryId") REFERENCES "Delivery"("requestId") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "QuotaReservation" ADD CONSTRAINT "QuotaReservation_requestId_fkey" FOREIGN KEY ("requestId") REFERENCES "Request"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Report" ADD CONSTRAINT "Report_requestId_fkey" FOREIGN KEY ("requestId") REFERENCES "Request"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "MediaReference" ADD CONSTRAINT "MediaReference_requestId_fkey" FOREIGN KEY ("requestId") REFERENCES "Request"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "MediaReference" ADD CONSTRAINT "MediaReference_sha256_fkey" FOREIGN KEY ("sha256") REFERENCES "MediaObject"("sha256") ON DELETE RESTRICT ON UPDATE CASCADE;
