-- AlterTable
ALTER TABLE "Request" ADD COLUMN     "madeFromId" TEXT;

-- CreateIndex
CREATE INDEX "Request_madeFromId_idx" ON "Request"("madeFromId");

-- AddForeignKey
ALTER TABLE "Request" ADD CONSTRAINT "Request_madeFromId_fkey" FOREIGN KEY ("madeFromId") REFERENCES "Request"("id") ON DELETE SET NULL ON UPDATE CASCADE;
