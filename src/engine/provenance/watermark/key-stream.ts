/** Numbers that follow from a key: HMAC-SHA-256 of a label seeds AES-256 in counter mode. The same for ever, for marks last. */
import { createCipheriv, createHmac } from 'node:crypto';

export interface KeyStream {
  /** 0 up to but not including 1, in steps of 2^-32. */
  unit(): number;
  /** Puts the list in an order that only the key tells (Fisher and Yates), and returns it. */
  shuffle<T>(list: T[]): T[];
}

const blockBytes = 4096;

/** The stream of `label` under `key`; streams of different labels tell nothing about each other. */
export function openKeyStream(key: Uint8Array, label: string): KeyStream {
  const seed = createHmac('sha256', key).update(label).digest();
  const cipher = createCipheriv('aes-256-ctr', seed, Buffer.alloc(16));
  let block = Buffer.alloc(0);
  let at = 0;
  function unit(): number {
    if (at + 4 > block.length) {
      block = cipher.update(Buffer.alloc(blockBytes));
      at = 0;
    }
    const value = block.readUInt32LE(at);
    at += 4;
    return value / 2 ** 32;
  }
  return {
    unit,
    shuffle(list) {
      for (let i = list.length - 1; i > 0; i--) {
        const j = Math.floor(unit() * (i + 1));
        [list[i], list[j]] = [list[j]!, list[i]!];
      }
      return list;
    },
  };
}
