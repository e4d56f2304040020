-- What a member is asked before work begins, files by their part in a request, and where each is fetched from.

-- AlterTable
ALTER TABLE "Request" ADD COLUMN "findings" JSONB;

-- CreateTable
CREATE TABLE "MediaSource" (
    "requestId" TEXT NOT NULL,
    "role" TEXT NOT NULL,
    "url" TEXT NOT NULL,

    PRIMARY KEY ("requestId", "role"),
    CONSTRAINT "MediaSource_requestId_fkey" FOREIGN KEY ("requestId") REFERENCES "Request" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

INSERT INTO "MediaSource" ("requestId", "role", "url")
SELECT "requestId", 'input', "clipUrl" FROM "Reply" WHERE "clipUrl" IS NOT NULL;

-- RedefineTables
PRAGMA defer_foreign_keys=ON;
PRAGMA foreign_keys=OFF;
CREATE TABLE "new_Reply" (
    "requestId" TEXT NOT NULL PRIMARY KEY,
    "applicationId" TEXT NOT NULL,
    "token" TEXT,
    "tokenExpiresAt" DATETIME NOT NULL,
    "isPrivate" BOOLEAN NOT NULL,
    "isSpoiler" BOOLEAN NOT NULL,
    "uploadLimit" INTEGER NOT NULL,
    "messageId" TEXT,
    "questionId" TEXT,
    CONSTRAINT "Reply_requestId_fkey" FOREIGN KEY ("requestId") REFERENCES "Request" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);
INSERT INTO "new_Reply" ("applicationId", "isPrivate", "isSpoiler", "messageId", "requestId", "token", "tokenExpiresAt", "uploadLimit") SELECT "applicationId", "isPrivate", "isSpoiler", "messageId", "requestId", "token", "tokenExpiresAt", "uploadLimit" FROM "Reply";
DROP TABLE "Reply";
ALTER TABLE "new_Reply" RENAME TO "Reply";
PRAGMA foreign_keys=ON;
PRAGMA defer_foreign_keys=OFF;
