import { existsSync, readFileSync } from 'node:fs'
import { dateOf, decodeWaitStatus } from './exit-status.ts'

/** Three 64-bit words. */
const SIZE = 24

export interface ExitRecord {
  readonly code: number
  readonly signal?: string
  readonly finishedAt: Date
}

/**
 * What a monitor wrote when its container had ended.
 * @returns undefined where it has not, or not to the end
 */
export function readExitRecord(file: string): ExitRecord | undefined {
  const bytes = readIfThere(file)
  if (bytes === undefined || bytes.length < SIZE) return undefined
  const [status, seconds, nanoseconds] = [0, 8, 16].map((offset) => bytes.readBigUInt64LE(offset)) as [bigint, bigint, bigint]
  return { ...decodeWaitStatus(status), finishedAt: dateOf(seconds, nanoseconds) }
}

function readIfThere(file: string): Buffer | undefined {
  // An error takes longer than a question.
  if (!existsSync(file)) return undefined
  try {
    return readFileSync(file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
