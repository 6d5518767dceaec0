import { resolve } from 'node:path'
import { RunError, type RuntimeHome } from '@gocker/run'
import { type ErrorLog, logError } from './error-log.ts'

/** What all commands of the runtime are told. */
export interface Global extends ErrorLog {
  readonly home: RuntimeHome
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
export function report(thrown: unknown, { debug, ...log }: ErrorLog & Pick<Global, 'debug'>): void {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown))
  const { hint } = error as RunError
  const message = hint === undefined ? error.message : `${error.message} (${hint})`
  logError(message, log)
  process.stderr.write(`gocker-runtime: ${message}\n${debug ? `${error.stack}\n` : ''}`)
}
