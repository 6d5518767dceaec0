import { BuildError } from '../error.ts'
import type { Flag } from './flags.ts'
import type { Location } from './location.ts'
import { suggestion } from './suggestion.ts'

/** The flags of one instruction, read by name; `finish` refuses what nobody asked for. */
export class FlagReader {
  readonly #flags: readonly Flag[]
  readonly #keyword: string
  readonly #at: Location
  readonly #known: string[] = []

  constructor(flags: readonly Flag[], { keyword, at }: { keyword: string; at: Location }) {
    this.#flags = flags
    this.#keyword = keyword
    this.#at = at
  }

  /** @throws {BuildError} `SYNTAX` when it is given twice or without a value */
  text(name: string): string | undefined {
    const values = this.list(name)
    if (values.length > 1) throw this.#wrong(`--${name} is given twice`)
    return values[0]
  }

  list(name: string): string[] {
    this.#known.push(name)
    return this.#flags
      .filter((flag) => flag.name === name)
      .map(({ value }) => {
        if (value === undefined) throw this.#wrong(`--${name} needs a value: --${name}=...`)
        return value
      })
  }

  /** `--name`, `--name=true` or `--name=false`; `undefined` when it is not given. */
  switch(name: string): boolean | undefined {
    this.#known.push(name)
    const [flag, second] = this.#flags.filter((flag) => flag.name === name)
    if (second !== undefined) throw this.#wrong(`--${name} is given twice`)
    if (flag === undefined) return undefined
    const value = flag.value?.toLowerCase() ?? 'true'
    if (value !== 'true' && value !== 'false') throw this.#wrong(`--${name} is true or false, not ${JSON.stringify(flag.value)}`)
    return value === 'true'
  }

  /** @throws {BuildError} `SYNTAX` for a flag that this instruction does not have */
  finish(): void {
    const unknown = this.#flags.find(({ name }) => !this.#known.includes(name))
    if (unknown === undefined) return
    const meant = suggestion(unknown.name, this.#known)
    const has = this.#known.length > 0 ? `it has ${this.#known.map((name) => `--${name}`).join(', ')}` : 'it has none'
    throw this.#wrong(`no flag --${unknown.name}`, meant === undefined ? has : `did you mean --${meant}?`)
  }

  #wrong(why: string, hint?: string): BuildError {
    return new BuildError('SYNTAX', `${this.#keyword}: ${why}`, { at: this.#at, hint })
  }
}
