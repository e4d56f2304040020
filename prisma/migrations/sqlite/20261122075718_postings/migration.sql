-- CreateTable
CREATE TABLE "Posting" (
    "channelId" TEXT NOT NULL,
    "messageId" TEXT NOT NULL,
    "requestId" TEXT NOT NULL,
    "isPrivate" BOOLEAN NOT NULL,
    "applicationId" TEXT NOT NULL,
    "token" TEXT,
    "tokenExpiresAt" DATETIME NOT NULL,
    "postedAt" DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,

    PRIMARY KEY ("channelId", "messageId"),
    CONSTRAINT "Posting_requestId_fkey" FOREIGN KEY ("requestId") REFERENCES "Request" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateIndex
CREATE INDEX "Posting_requestId_idx" ON "Posting"("requestId");
