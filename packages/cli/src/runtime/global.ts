import { appendFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { RunError, type RuntimeHome } from '@gocker/run'

/** What all commands of the runtime are told. */
export interface Global {
  readonly home: RuntimeHome
  readonly log: string | undefined
  readonly format: string
  readonly debug: boolean
  /** Only the versions are asked for. */
  readonly version: boolean
}

export function globalFrom(flags: Readonly<Record<string, unknown>>): Global {
  const { root, log, logFormat = 'text', systemdCgroup = false, debug = false, version = false } = flags as Partial<GlobalFlags>
  return {
    home: { root: resolve(root ?? defaultRoot()), systemdCgroup },
    log,
    format: logFormat,
    debug,
    version,
  }
}

/** @throws {RunError} `INVALID_OPTION` */
export function checkGlobal({ format }: Global): void {
  if (format !== 'text' && format !== 'json')
    throw new RunError('INVALID_OPTION', `reading --log-format ${JSON.stringify(format)}: there is text, and json`)
}

interface GlobalFlags {
  readonly root: string
  readonly log: string
  readonly logFormat: string
  readonly systemdCgroup: boolean
  readonly debug: boolean
  readonly version: boolean
}

function defaultRoot(): string {
  const { XDG_RUNTIME_DIR: own } = process.env
  return process.geteuid?.() !== 0 && own ? `${own}/gocker-runtime` : '/run/gocker-runtime'
}

/** Tells an error on stderr, and in the file that the caller reads. */
export function report(thrown: unknown, { log, format, debug }: Pick<Global, 'log' | 'format' | 'debug'>): void {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown))
  const { hint } = error as RunError
  const message = hint === undefined ? error.message : `${error.message} (${hint})`
  const time = new Date().toISOString()
  if (log !== undefined) {
    const line =
      format === 'json'
        ? JSON.stringify({ level: 'error', msg: message, time })
        : `time="${time}" level=error msg=${JSON.stringify(message)}`
    appendIfPossible(log, `${line}\n`)
  }
  process.stderr.write(`gocker-runtime: ${message}\n${debug ? `${error.stack}\n` : ''}`)
}

/** Where even that fails, stderr has to do. */
function appendIfPossible(file: string, line: string): void {
  try {
    appendFileSync(file, line)
  } catch {
    process.stderr.write(`gocker-runtime: writing to the log ${file} failed\n`)
  }
}
