/** Single values of the installation, such as the hash of the commands that are registered. */
import type { Database } from './database.ts';

export async function readInstallationValue(db: Database, key: string): Promise<string | undefined> {
  return (await db.installationValue.findUnique({ where: { key } }))?.value;
}

export async function writeInstallationValue(db: Database, key: string, value: string): Promise<void> {
  await db.installationValue.upsert({ where: { key }, create: { key, value }, update: { value } });
}
