import { spawnSync } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  listRuntimeContainers,
  processesInRuntime,
  RunError,
  type RuntimeContainer,
  runtimeFeatures,
  runtimeSpecTemplate,
  runtimeState,
  SPEC_VERSION,
} from '@gocker/run'
import { VERSION } from '../version.ts'
import type { Call } from './runtime-action.ts'

export async function state({ global, words: [id] }: Call): Promise<undefined> {
  print(JSON.stringify(runtimeState(global.home, id as string), undefined, 2))
}

export async function list({ global, flags }: Call): Promise<undefined> {
  const containers = listRuntimeContainers(global.home)
  if (flags.quiet === true) for (const { id } of containers) print(id)
  else if (formatOf(flags) === 'json') print(JSON.stringify(containers))
  else print(table([['ID', 'PID', 'STATUS', 'BUNDLE', 'CREATED', 'OWNER'], ...containers.map(rowOf)]))
}

function rowOf({ id, pid, status, bundle, created, owner }: RuntimeContainer): string[] {
  return [id, `${pid}`, status, bundle, created, owner]
}

/** As runc does: by ps(1), of whose lines those of the container's processes are kept. */
export async function ps({ global, words: [id, options], flags }: Call): Promise<undefined> {
  const pids = await processesInRuntime(global.home, id as string)
  if (formatOf(flags) === 'json') {
    print(JSON.stringify(pids))
    return
  }
  const asked = (options ?? []) as readonly string[]
  const { status, stdout, stderr, error } = spawnSync('ps', asked.length === 0 ? ['-ef'] : [...asked], { encoding: 'utf8' })
  if (error !== undefined)
    throw new RunError('UNSUPPORTED', 'running ps: it is not installed', { cause: error, hint: '--format json needs none' })
  if (status !== 0) throw new RunError('INVALID_OPTION', `running ps ${asked.join(' ')}: ${stderr.trim()}`)
  const [head = '', ...lines] = stdout.trimEnd().split('\n')
  const column = head.trim().split(/\s+/).indexOf('PID')
  if (column < 0) throw new RunError('INVALID_OPTION', 'running ps: its output has no column PID')
  print([head, ...lines.filter((line) => pids.includes(Number(line.trim().split(/\s+/)[column])))].join('\n'))
}

export async function features(): Promise<undefined> {
  print(JSON.stringify(runtimeFeatures(VERSION), undefined, 2))
}

export async function spec({ flags }: Call): Promise<undefined> {
  const file = join(flags.bundle as string, 'config.json')
  if (existsSync(file)) throw new RunError('INVALID_OPTION', `writing ${file}: it is there already`)
  writeFileSync(file, `${JSON.stringify(runtimeSpecTemplate({ rootless: flags.rootless === true }), undefined, 2)}\n`)
}

export async function version({ global, words: [unknown] }: Call): Promise<undefined> {
  if (unknown !== undefined)
    throw new RunError('INVALID_OPTION', `running gocker-runtime ${unknown}: there is no such command`, { hint: 'gocker-runtime --help' })
  if (!global.version)
    throw new RunError('INVALID_OPTION', 'running gocker-runtime: it is not said what to do', { hint: 'gocker-runtime --help' })
  print(`gocker-runtime version ${VERSION}\nspec: ${SPEC_VERSION}`)
}

function formatOf({ format }: Call['flags']): 'table' | 'json' {
  if (format === 'table' || format === 'json') return format
  throw new RunError('INVALID_OPTION', `reading --format ${JSON.stringify(format)}: there is table, and json`)
}

function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}
