-- CreateIndex
CREATE INDEX "Consent_guildId_idx" ON "Consent"("guildId");
