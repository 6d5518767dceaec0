/** Which of the two a container wrote to; all that a terminal shows is `stdout`. */
export type LogStream = 'stdout' | 'stderr'

/** What a container wrote at once. */
export interface LogRecord {
  /** Nanoseconds since 1970. */
  readonly time: bigint
  readonly stream: LogStream
  /** At least one byte; borders of lines or of characters mean nothing here. */
  readonly data: Buffer
}

/** A record, and where in its file the data begin. */
export interface StoredRecord extends LogRecord {
  readonly offset: number
}

/** Four little-endian 64-bit words: seconds and nanoseconds since 1970, the stream (1 or 2), the number of bytes that follow. */
export const HEADER_SIZE = 32
/** Bytes of data that the monitor reads at once. */
export const LONGEST_DATA = 16_384
/** Bytes: no header is farther from the one before it. */
export const LONGEST_RECORD = HEADER_SIZE + LONGEST_DATA

const STREAMS: readonly (LogStream | undefined)[] = [undefined, 'stdout', 'stderr']
const [SECONDS_HIGH, NANOSECONDS, STREAM, LENGTH] = [4, 8, 16, 24]
/** Of the upper half of the seconds: some 550 years. */
const LATEST = 4
const SECOND = 1_000_000_000

/** Whether a header may stand here: nothing that the monitor does not write. The whole of it must be in the bytes. */
export function isHeader(bytes: Buffer, at: number): boolean {
  const stream = bytes[at + STREAM]
  if (stream !== 1 && stream !== 2) return false
  const length = bytes.readUInt32LE(at + LENGTH)
  if (length === 0 || length > LONGEST_DATA || bytes.readUInt32LE(at + LENGTH + 4) !== 0) return false
  if (bytes.readUInt32LE(at + STREAM) !== stream || bytes.readUInt32LE(at + STREAM + 4) !== 0) return false
  if (bytes.readUInt32LE(at + NANOSECONDS) >= SECOND || bytes.readUInt32LE(at + NANOSECONDS + 4) !== 0) return false
  return bytes.readUInt32LE(at + SECONDS_HIGH) < LATEST
}

/** Where the data end that a header speaks of. */
export function endOfRecord(bytes: Buffer, at: number): number {
  return at + HEADER_SIZE + bytes.readUInt32LE(at + LENGTH)
}

/**
 * @param at of the header
 * @param end of the data
 * @param base where in the file the bytes begin
 */
export function recordAt(bytes: Buffer, { at, end, base }: { at: number; end: number; base: number }): StoredRecord {
  const begin = at + HEADER_SIZE
  return {
    time: timeAt(bytes, at),
    stream: STREAMS[bytes.readUInt8(at + STREAM)] ?? 'stdout',
    data: bytes.subarray(begin, end),
    offset: base + begin,
  }
}

/** Nanoseconds since 1970. */
export function timeAt(bytes: Buffer, at: number): bigint {
  return bytes.readBigUInt64LE(at) * BigInt(SECOND) + BigInt(bytes.readUInt32LE(at + NANOSECONDS))
}
