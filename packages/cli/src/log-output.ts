import { once } from 'node:events'
import { formatLogTime, type LogRecord, type LogStream } from '@gocker/run'

const NEWLINE = 0x0a

/** Writes a log's records to this process's stdout and stderr, each to its own. */
export class LogOutput {
  readonly #hasTimes: boolean
  /** Whether the next byte of a stream begins a line. */
  readonly #beginsLine: Record<LogStream, boolean> = { stdout: true, stderr: true }

  /** @param options `hasTimes` puts before each line when its beginning was written */
  constructor({ hasTimes }: { hasTimes: boolean }) {
    this.#hasTimes = hasTimes
  }

  /** As fast as it is taken. Records of one stream that follow each other go out together, so that the streams keep their order. */
  async write(records: readonly LogRecord[]): Promise<void> {
    for (let begin = 0, end = 0; begin < records.length; begin = end) {
      const stream = records[begin]?.stream ?? 'stdout'
      end = endOfStream(records, begin, stream)
      const parts = records.slice(begin, end).flatMap((record) => (this.#hasTimes ? this.#withTimes(record) : record.data))
      const output = process[stream]
      if (!output.write(Buffer.concat(parts))) await once(output, 'drain')
    }
  }

  #withTimes({ time, stream, data }: LogRecord): Uint8Array[] {
    const prefix = Buffer.from(`${formatLogTime(time)} `)
    const parts: Uint8Array[] = []
    for (let begin = 0; begin < data.length; ) {
      const newline = data.indexOf(NEWLINE, begin)
      const end = newline < 0 ? data.length : newline + 1
      if (this.#beginsLine[stream]) parts.push(prefix)
      parts.push(data.subarray(begin, end))
      this.#beginsLine[stream] = newline >= 0
      begin = end
    }
    return parts
  }
}

function endOfStream(records: readonly LogRecord[], begin: number, stream: LogStream): number {
  const end = records.findIndex((record, index) => index > begin && record.stream !== stream)
  return end < 0 ? records.length : end
}
