-- CreateTable
CREATE TABLE "Posting" (
    "channelId" TEXT NOT NULL,
    "messageId" TEXT NOT NULL,
    "requestId" TEXT NOT NULL,
    "isPrivate" BOOLEAN NOT NULL,
    "applicationId" TEXT NOT NULL,
    "token" TEXT,
    "tokenExpiresAt" TIMESTAMP(3) NOT NULL,
    "postedAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "Posting_pkey" PRIMARY KEY ("channelId","messageId")
);

-- CreateIndex
CREATE INDEX "Posting_requestId_idx" ON "Posting"("requestId");

-- AddForeignKey
ALTER TABLE "Posting" ADD CONSTRAINT "Posting_requestId_fkey" FOREIGN KEY ("requestId") REFERENCES "Request"("id") ON DELETE CASCADE ON UPDATE CASCADE;
