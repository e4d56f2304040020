-- CreateIndex
CREATE INDEX "Reply_token_idx" ON "Reply"("token");

-- CreateIndex
CREATE INDEX "Consent_messageId_idx" ON "Consent"("messageId");
