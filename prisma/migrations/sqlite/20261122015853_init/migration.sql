-- CreateTable
CREATE TABLE "Request" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "command" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "guildId" TEXT,
    "channelId" TEXT NOT NULL,
    "requesterId" TEXT NOT NULL,
    "locale" TEXT NOT NULL,
    "interactionId" TEXT NOT NULL,
    "parameters" JSONB NOT NULL,
    "inputName" TEXT,
    "inputSha256" TEXT,
    "inputBytes" INTEGER,
    "inputSeconds" REAL,
    "predictedSeconds" REAL,
    "computeSeconds" REAL,
    "priority" INTEGER NOT NULL DEFAULT 0,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "workerId" TEXT,
    "dispatchedAt" DATETIME,
    "cancelAskedAt" DATETIME,
    "code" TEXT,
    "codeParameters" JSONB,
    "outcome" JSONB,
    "resultSha256" TEXT,
    "resultExpiresAt" DATETIME,
    "createdAt" DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "queuedAt" DATETIME,
    "startedAt" DATETIME,
    "finishedAt" DATETIME,
    "consentId" TEXT,
    CONSTRAINT "Request_consentId_fkey" FOREIGN KEY ("consentId") REFERENCES "Consent" ("id") ON DELETE SET NULL ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "RequestEvent" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "requestId" TEXT NOT NULL,
    "at" DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "from" TEXT,
    "to" TEXT NOT NULL,
    "actor" TEXT NOT NULL,
    "code" TEXT,
    CONSTRAINT "RequestEvent_requestId_fkey" FOREIGN KEY ("requestId") REFERENCES "Request" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "Reply" (
    "requestId" TEXT NOT NULL PRIMARY KEY,
    "applicationId" TEXT NOT NULL,
    "token" TEXT,
    "tokenExpiresAt" DATETIME NOT NULL,
    "isPrivate" BOOLEAN NOT NULL,
    "isSpoiler" BOOLEAN NOT NULL,
    "uploadLimit" INTEGER NOT NULL,
    "messageId" TEXT,
    CONSTRAINT "Reply_requestId_fkey" FOREIGN KEY ("requestId") REFERENCES "Request" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "Delivery" (
    "requestId" TEXT NOT NULL PRIMARY KEY,
    "kind" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "place" TEXT NOT NULL,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "nextAttemptAt" DATETIME NOT NULL,
    "claimedBy" TEXT,
    "claimedAt" DATETIME,
    "sizeLimit" INTEGER,
    "lastProblem" TEXT,
    "channelId" TEXT,
    "messageId" TEXT,
    "createdAt" DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "deliveredAt" DATETIME,
    CONSTRAINT "Delivery_requestId_fkey" FOREIGN KEY ("requestId") REFERENCES "Request" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "DeliveryTry" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "deliveryId" TEXT NOT NULL,
    "at" DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "place" TEXT NOT NULL,
    "outcome" TEXT NOT NULL,
    CONSTRAINT "DeliveryTry_deliveryId_fkey" FOREIGN KEY ("deliveryId") REFERENCES "Delivery" ("requestId") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "QuotaReservation" (
    "requestId" TEXT NOT NULL PRIMARY KEY,
    "userId" TEXT NOT NULL,
    "guildId" TEXT,
    "command" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "reservedSeconds" REAL NOT NULL,
    "settledSeconds" REAL,
    "createdAt" DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "QuotaReservation_requestId_fkey" FOREIGN KEY ("requestId") REFERENCES "Request" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "User" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "locale" TEXT,
    "createdAt" DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "seenAt" DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP
);

-- CreateTable
CREATE TABLE "GuildSettings" (
    "guildId" TEXT NOT NULL PRIMARY KEY,
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
    "updatedAt" DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedBy" TEXT,
    "leftAt" DATETIME
);

-- CreateTable
CREATE TABLE "Consent" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "kind" TEXT NOT NULL,
    "scope" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "subjectId" TEXT,
    "requesterId" TEXT NOT NULL,
    "guildId" TEXT,
    "photoSha256" TEXT,
    "declared" TEXT,
    "textVersion" TEXT NOT NULL,
    "textLocale" TEXT NOT NULL,
    "askedAt" DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "decidedAt" DATETIME,
    "decidedBy" TEXT,
    "expiresAt" DATETIME,
    "revokedAt" DATETIME
);

-- CreateTable
CREATE TABLE "Block" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "kind" TEXT NOT NULL,
    "guildId" TEXT,
    "userId" TEXT,
    "perceptualHash" TEXT,
    "reason" TEXT NOT NULL,
    "createdBy" TEXT NOT NULL,
    "createdAt" DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "liftedAt" DATETIME,
    "liftedBy" TEXT
);

-- CreateTable
CREATE TABLE "Report" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "requestId" TEXT NOT NULL,
    "reporterId" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'open',
    "createdAt" DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "decidedAt" DATETIME,
    "decidedBy" TEXT,
    CONSTRAINT "Report_requestId_fkey" FOREIGN KEY ("requestId") REFERENCES "Request" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "ModeratorAction" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "guildId" TEXT,
    "moderatorId" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "requestId" TEXT,
    "targetUserId" TEXT,
    "reason" TEXT,
    "detail" JSONB,
    "at" DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP
);

-- CreateTable
CREATE TABLE "MediaObject" (
    "sha256" TEXT NOT NULL PRIMARY KEY,
    "bytes" BIGINT NOT NULL,
    "mediaType" TEXT NOT NULL,
    "createdAt" DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP
);

-- CreateTable
CREATE TABLE "MediaReference" (
    "requestId" TEXT NOT NULL,
    "role" TEXT NOT NULL,
    "sha256" TEXT NOT NULL,
    "expiresAt" DATETIME,

    PRIMARY KEY ("requestId", "role"),
    CONSTRAINT "MediaReference_requestId_fkey" FOREIGN KEY ("requestId") REFERENCES "Request" ("id") ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "MediaReference_sha256_fkey" FOREIGN KEY ("sha256") REFERENCES "MediaObject" ("sha256") ON DELETE RESTRICT ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "InstallationValue" (
    "key" TEXT NOT NULL PRIMARY KEY,
    "value" TEXT NOT NULL
);

-- CreateTable
CREATE TABLE "Purge" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "actor" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "startedAt" DATETIME NOT NULL,
    "endedAt" DATETIME,
    "removed" INTEGER
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
