-- AlterTable (as a column, and not by building the table anew: its rows and what refers to them stay where they are)
ALTER TABLE "Request" ADD COLUMN "madeFromId" TEXT CONSTRAINT "Request_madeFromId_fkey" REFERENCES "Request" ("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- CreateIndex
CREATE INDEX "Request_madeFromId_idx" ON "Request"("madeFromId");
