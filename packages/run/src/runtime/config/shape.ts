import { RunError } from '../../error.ts'

/** Looks whether a value of a document is what it has to be. @throws {RunError} `INVALID_SPEC` naming the place */
export type Shape = (value: unknown, place: string) => void

/** What an object has, by name; what it has beside that is passed over, as the specification wants it. */
export function object(members: Readonly<Record<string, Shape>>, required: readonly string[] = []): Shape {
  return (value, place) => {
    if (!isObject(value)) throw wrong(place, value, 'an object')
    for (const name of required) if (value[name] === undefined) throw invalidSpec(place, `${name} is missing`)
    for (const [name, shape] of Object.entries(members)) if (value[name] !== undefined) shape(value[name], `${place}.${name}`)
  }
}

export function list(shape: Shape): Shape {
  return (value, place) => {
    if (!Array.isArray(value)) throw wrong(place, value, 'a list')
    for (const [index, each] of value.entries()) shape(each, `${place}[${index}]`)
  }
}

/** An object whose names are free. */
export function map(shape: Shape): Shape {
  return (value, place) => {
    if (!isObject(value)) throw wrong(place, value, 'an object')
    for (const [name, each] of Object.entries(value)) shape(each, `${place}.${name}`)
  }
}

export const text: Shape = (value, place) => {
  if (typeof value !== 'string') throw wrong(place, value, 'a text')
  if (value.includes('\0')) throw wrong(place, value, 'a text without NUL')
}

export const absolutePath: Shape = (value, place) => {
  text(value, place)
  if (!(value as string).startsWith('/')) throw wrong(place, value, 'an absolute path')
}

export const flag: Shape = (value, place) => {
  if (typeof value !== 'boolean') throw wrong(place, value, 'true or false')
}

export const integer: Shape = (value, place) => {
  if (!Number.isInteger(value)) throw wrong(place, value, 'a whole number')
}

export const natural: Shape = (value, place) => {
  if (!Number.isInteger(value) || (value as number) < 0) throw wrong(place, value, 'a whole number from 0 on')
}

/** Of user, group and the like: what the kernel has 32 bits for. */
export const id: Shape = (value, place) => {
  natural(value, place)
  if ((value as number) > 0xffff_fffe) throw wrong(place, value, 'a number of 32 bits')
}

export function oneOf(words: readonly string[]): Shape {
  return (value, place) => {
    if (typeof value !== 'string' || !words.includes(value)) throw wrong(place, value, `one of ${words.join(', ')}`)
  }
}

export const anything: Shape = () => {}

export function invalidSpec(place: string, why: string): RunError {
  return new RunError('INVALID_SPEC', `reading ${place}: ${why}`)
}

function wrong(place: string, value: unknown, expected: string): RunError {
  const shown = JSON.stringify(value) ?? 'nothing'
  return invalidSpec(place, `${shown.length > 60 ? `${shown.slice(0, 60)}...` : shown}, expected ${expected}`)
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
