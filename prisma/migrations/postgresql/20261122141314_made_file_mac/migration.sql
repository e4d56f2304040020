-- AlterTable
ALTER TABLE "MadeFile" ADD COLUMN     "mac" TEXT;
