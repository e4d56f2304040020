-- CreateIndex
CREATE INDEX "Request_guildId_command_createdAt_idx" ON "Request"("guildId", "command", "createdAt");

-- CreateIndex
CREATE INDEX "Request_guildId_command_state_createdAt_idx" ON "Request"("guildId", "command", "state", "createdAt");

-- CreateIndex
CREATE INDEX "Request_consentId_idx" ON "Request"("consentId");

-- CreateIndex
CREATE INDEX "Report_createdAt_idx" ON "Report"("createdAt");

-- CreateIndex
CREATE INDEX "Report_reporterId_createdAt_idx" ON "Report"("reporterId", "createdAt");
