-- AlterTable
ALTER TABLE "Reply" ADD COLUMN     "clipUrl" TEXT;

-- CreateIndex
CREATE INDEX "Request_startedAt_idx" ON "Request"("startedAt");
