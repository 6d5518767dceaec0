import { KernelError } from '../error.ts'
import { invalidProfile } from './refusal.ts'

/** @throws {KernelError} `EINVAL` for text that is no JSON, or anything but an object */
export function parseFields(profile: string | object): Fields {
  return new Fields(typeof profile === 'string' ? parseJson(profile) : profile, '')
}

/** An object of the profile whose fields are read by what they have to be; `null` counts as absent. */
export class Fields {
  readonly #fields: Readonly<Record<string, unknown>>
  readonly #place: string

  constructor(value: unknown, place: string) {
    this.#place = place
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw this.invalid(`${kindOf(value)}, expected an object`)
    this.#fields = value as Record<string, unknown>
  }

  text(name: string): string {
    return this.optionalText(name) ?? this.#missing(name, 'a string')
  }

  optionalText(name: string): string | undefined {
    return this.#read(name, 'a string', (value): value is string => typeof value === 'string')
  }

  number(name: string): number {
    return this.optionalNumber(name) ?? this.#missing(name, 'a number')
  }

  /** The specs allow 64 bits and JavaScript holds 53: what would silently become another number does not pass. */
  optionalNumber(name: string): number | undefined {
    const value = this.#read(name, 'a number', (value): value is number => typeof value === 'number')
    if (value === undefined || Number.isSafeInteger(value)) return value
    throw invalidProfile(`${this.#placeOf(name)}: ${value}, expected an integer below 2^53`)
  }

  texts(name: string): readonly string[] | undefined {
    return this.#read(
      name,
      'an array of strings',
      (value): value is string[] => Array.isArray(value) && value.every((each) => typeof each === 'string'),
    )
  }

  object(name: string): Fields | undefined {
    const value = this.#fields[name] ?? undefined
    return value === undefined ? undefined : new Fields(value, this.#placeOf(name))
  }

  objects(name: string): Fields[] | undefined {
    const values = this.#read(name, 'an array', (value): value is unknown[] => Array.isArray(value))
    return values?.map((value, index) => new Fields(value, `${this.#placeOf(name)}[${index}]`))
  }

  /** Runs a check, and says where the profile failed it. */
  at(name: string | undefined, check: () => unknown): void {
    try {
      check()
    } catch (error) {
      if (!(error instanceof KernelError)) throw error
      const place = name === undefined ? this.#place : this.#placeOf(name)
      const message = error.message.replace(/^[^:]*: /, (doing) => `${doing}${place}: `)
      throw new KernelError(error.code, message, {
        syscall: error.syscall,
        cause: error,
        ...(error.hint !== undefined && { hint: error.hint }),
      })
    }
  }

  invalid(why: string): KernelError {
    return invalidProfile(this.#place === '' ? why : `${this.#place}: ${why}`)
  }

  #read<T>(name: string, expected: string, is: (value: unknown) => value is T): T | undefined {
    const value = this.#fields[name] ?? undefined
    if (value === undefined || is(value)) return value
    throw invalidProfile(`${this.#placeOf(name)}: ${kindOf(value)}, expected ${expected}`)
  }

  #missing(name: string, expected: string): never {
    throw invalidProfile(`${this.#placeOf(name)}: missing, expected ${expected}`)
  }

  #placeOf(name: string): string {
    return this.#place === '' ? name : `${this.#place}.${name}`
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw invalidProfile(`no JSON: ${error instanceof Error ? error.message : error}`, error)
  }
}

function kindOf(value: unknown): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'an array' : `${/^[aeiou]/.test(typeof value) ? 'an' : 'a'} ${typeof value}`
}
