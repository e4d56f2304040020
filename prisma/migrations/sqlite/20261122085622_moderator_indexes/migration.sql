-- CreateIndex
CREATE INDEX "ModeratorAction_targetUserId_idx" ON "ModeratorAction"("targetUserId");

-- CreateIndex
CREATE INDEX "ModeratorAction_moderatorId_idx" ON "ModeratorAction"("moderatorId");
