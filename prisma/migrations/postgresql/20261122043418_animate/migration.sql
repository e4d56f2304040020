-- What a member is asked before work begins, files by their part in a request, and where each is fetched from.

-- AlterEnum
ALTER TYPE "RequestState" ADD VALUE 'asking';

-- AlterEnum
ALTER TYPE "MediaRole" ADD VALUE 'driver';
ALTER TYPE "MediaRole" ADD VALUE 'speech';
ALTER TYPE "MediaRole" ADD VALUE 'preview';

-- AlterTable
ALTER TABLE "Request" ADD COLUMN     "findings" JSONB;

-- CreateTable
CREATE TABLE "MediaSource" (
    "requestId" TEXT NOT NULL,
    "role" "MediaRole" NOT NULL,
    "url" TEXT NOT NULL,

    CONSTRAINT "MediaSource_pkey" PRIMARY KEY ("requestId","role")
);

-- AddForeignKey
ALTER TABLE "MediaSource" ADD CONSTRAINT "MediaSource_requestId_fkey" FOREIGN KEY ("requestId") REFERENCES "Request"("id") ON DELETE CASCADE ON UPDATE CASCADE;

INSERT INTO "MediaSource" ("requestId", "role", "url")
SELECT "requestId", 'input', "clipUrl" FROM "Reply" WHERE "clipUrl" IS NOT NULL;

-- AlterTable
ALTER TABLE "Reply" DROP COLUMN "clipUrl",
ADD COLUMN     "questionId" TEXT;
