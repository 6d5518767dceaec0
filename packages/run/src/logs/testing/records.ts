import type { LogRecord, LogStream } from '../record.ts'

/** What a monitor writes for a record. */
export function encodeRecord({ time, stream, data }: LogRecord): Buffer {
  const header = new BigUint64Array([time / 1_000_000_000n, time % 1_000_000_000n, stream === 'stdout' ? 1n : 2n, BigInt(data.length)])
  return Buffer.concat([Buffer.from(header.buffer), data])
}

export function record(stream: LogStream, data: string | Buffer, time = 1_700_000_000_123_456_789n): LogRecord {
  return { time, stream, data: Buffer.from(data) }
}

/** Without its place. */
export function plain({ time, stream, data }: LogRecord): LogRecord {
  return { time, stream, data: Buffer.from(data) }
}
