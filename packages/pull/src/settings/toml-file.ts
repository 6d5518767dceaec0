import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PullError } from '../error.ts'

export type TomlTable = Readonly<Record<string, unknown>>

/** A file of settings; `undefined` where it is not there. @throws {PullError} `INVALID_OPTION` */
export async function readToml(path: string): Promise<TomlTable | undefined> {
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (['ENOENT', 'ENOTDIR', 'EACCES'].includes(cause.code ?? '')) return undefined
    throw new PullError('INVALID_OPTION', `reading ${path}: ${cause.code}`, { cause })
  })
  if (text === undefined) return undefined
  // Loaded where there are settings, and only then.
  const { parse, TomlError } = await import('smol-toml')
  try {
    return parse(text)
  } catch (cause) {
    if (!(cause instanceof TomlError)) throw cause
    const [why = ''] = cause.message.split('\n')
    throw new PullError('INVALID_OPTION', `reading ${path}, line ${cause.line}: ${why}`, { cause })
  }
}

/** The files of a drop-in directory, in the order of their names. */
export async function dropIns(directory: string): Promise<string[]> {
  const names = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (['ENOENT', 'ENOTDIR', 'EACCES'].includes(error.code ?? '')) return []
    throw error
  })
  return names
    .filter((name) => name.endsWith('.conf'))
    .sort()
    .map((name) => join(directory, name))
}

/** Reads the values of a table one by one, and refuses what is of another kind. */
export class TomlReader {
  readonly #table: TomlTable
  readonly #where: string

  constructor(table: TomlTable, where: string) {
    this.#table = table
    this.#where = where
  }

  text(key: string): string | undefined {
    return this.#value(key, (value) => typeof value === 'string', 'a text')
  }

  oneOf<Word extends string>(key: string, words: readonly Word[]): Word | undefined {
    const isWord = (value: unknown): value is Word => words.some((word) => word === value)
    return this.#value(key, isWord, words.join(' or '))
  }

  flag(key: string): boolean | undefined {
    return this.#value(key, (value) => typeof value === 'boolean', 'true or false')
  }

  texts(key: string): readonly string[] | undefined {
    const isTexts = (value: unknown): value is readonly string[] => Array.isArray(value) && value.every((each) => typeof each === 'string')
    return this.#value(key, isTexts, 'a list of texts')
  }

  table(key: string): TomlReader {
    return new TomlReader(this.#value(key, isTable, 'a table') ?? {}, `${this.#where}: ${key}`)
  }

  tables(key: string): readonly TomlReader[] {
    const isTables = (value: unknown): value is readonly TomlTable[] => Array.isArray(value) && value.every(isTable)
    return (this.#value(key, isTables, 'a list of tables') ?? []).map((table) => new TomlReader(table, `${this.#where}: ${key}`))
  }

  isTable(key: string): boolean {
    return isTable(this.#table[key])
  }

  /** @throws {PullError} `INVALID_OPTION` for a key that nothing reads */
  refuseOthers(...known: readonly string[]): this {
    const unknown = Object.keys(this.#table).find((key) => !known.includes(key))
    if (unknown === undefined) return this
    throw new PullError('INVALID_OPTION', `reading ${this.#where}: ${unknown} is not known`, { hint: `there are ${known.join(', ')}` })
  }

  #value<T>(key: string, isRight: (value: unknown) => value is T, kind: string): T | undefined {
    const value = this.#table[key]
    if (value === undefined || isRight(value)) return value
    throw new PullError('INVALID_OPTION', `reading ${this.#where}: ${key} is not ${kind}`)
  }
}

function isTable(value: unknown): value is TomlTable {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date)
}
