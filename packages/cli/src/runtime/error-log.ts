import { appendFileSync } from 'node:fs'

/** Where the caller of a runtime reads what has failed. */
export interface ErrorLog {
  readonly log: string | undefined
  /** `json`, or what is taken for text. */
  readonly format: string
}

/** Where even that fails, stderr has to do. */
export function logError(message: string, { log, format }: ErrorLog): void {
  if (log === undefined) return
  const time = new Date().toISOString()
  const line =
    format === 'json' ? JSON.stringify({ level: 'error', msg: message, time }) : `time="${time}" level=error msg=${JSON.stringify(message)}`
  try {
    appendFileSync(log, `${line}\n`)
  } catch {
    process.stderr.write(`gocker-runtime: writing to the log ${log} failed\n`)
  }
}
