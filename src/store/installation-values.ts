/** Single values of the installation, such as the hash of the commands that are registered. */
import type { Database, Transaction } from './database.ts';

export async function readInstallationValue(db: Database | Transaction, key: string): Promise<string | undefined> {
  return (await db.installationValue.findUnique({ where: { key } }))?.value;
}

export async function writeInstallationValue(db: Database | Transaction, key: string, value: string): Promise<void> {
  await db.installationValue.upsert({ where: { key }, create: { key, value }, update: { value } });
}
