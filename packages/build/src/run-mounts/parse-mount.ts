import { posix } from 'node:path'
import { parseMemory } from '@gocker/run'
import { type Fields, numberOf, readFields, switchOf, wordOf } from './fields.ts'
import type { RunMount } from './mount.ts'

type Type = RunMount['type']

const TYPES: readonly Type[] = ['bind', 'cache', 'tmpfs', 'secret', 'ssh']

/** What only some types have. */
const OWN: Readonly<Record<string, readonly Type[]>> = {
  from: ['bind', 'cache'],
  source: ['bind', 'cache', 'secret'],
  sharing: ['cache'],
  required: ['secret', 'ssh'],
  size: ['tmpfs'],
  env: ['secret'],
  id: ['cache', 'secret', 'ssh'],
  mode: ['cache', 'secret', 'ssh'],
  uid: ['cache', 'secret', 'ssh'],
  gid: ['cache', 'secret', 'ssh'],
}

/**
 * Reads the text of `RUN --mount=`.
 * @param expand replaces a value's variables
 * @throws {Error} saying what is wrong
 * @see https://docs.docker.com/reference/dockerfile/#run---mount
 */
export function parseMount(text: string, expand: (value: string) => string): RunMount {
  const fields = readFields(text, expand)
  const type = wordOf(fields, 'type', TYPES) ?? 'bind'
  for (const [name, types] of Object.entries(OWN))
    if (fields.has(name) && !types.includes(type)) throw new Error(`${name} is not for type ${type}`)
  return READERS[type](fields)
}

const READERS: Readonly<Record<Type, (fields: Fields) => RunMount>> = {
  bind: (fields) => ({ type: 'bind', ...baseOf(fields), target: textOf(fields, 'target'), readOnly: isReadOnly(fields) ?? true }),
  cache: (fields) => ({
    type: 'cache',
    ...baseOf(fields),
    ...fileFacts(fields),
    target: textOf(fields, 'target'),
    id: textOf(fields, 'id') || posix.normalize(textOf(fields, 'target')),
    sharing: wordOf(fields, 'sharing', ['shared', 'private', 'locked']) ?? 'shared',
    readOnly: isReadOnly(fields) ?? false,
  }),
  tmpfs: (fields) => ({
    type: 'tmpfs',
    target: textOf(fields, 'target'),
    readOnly: isReadOnly(fields) ?? false,
    ...(fields.has('size') && { size: parseMemory(textOf(fields, 'size')) }),
  }),
  secret: readSecret,
  ssh: (fields) => ({
    type: 'ssh',
    id: textOf(fields, 'id') || 'default',
    required: switchOf(fields, 'required') ?? false,
    ...targetOf(fields),
    ...fileFacts(fields),
  }),
}

/** Named by `id`, by `source`, else by the last name of its target. */
function readSecret(fields: Fields): RunMount {
  const [target, source, given] = ['target', 'source', 'id'].map((name) => textOf(fields, name)) as [string, string, string]
  if (source !== '' && given !== '') throw new Error('id and source are the same: give one of them')
  const id = source || given || posix.basename(target)
  if (id === '') throw new Error('a secret needs an id or a target')
  const env = fields.has('env') ? textOf(fields, 'env') || id : undefined
  const file = target !== '' || env === undefined ? { target: target || `/run/secrets/${posix.basename(id)}` } : {}
  return {
    type: 'secret',
    id,
    required: switchOf(fields, 'required') ?? false,
    ...file,
    ...(env !== undefined && { env }),
    ...fileFacts(fields),
  }
}

function baseOf(fields: Fields): { from?: string; source: string } {
  const from = textOf(fields, 'from')
  return { ...(from !== '' && { from }), source: textOf(fields, 'source') }
}

function targetOf(fields: Fields): { target?: string } {
  const target = textOf(fields, 'target')
  return target === '' ? {} : { target }
}

function fileFacts(fields: Fields): { mode?: number; uid?: number; gid?: number } {
  const [mode, uid, gid] = [numberOf(fields, 'mode', 8), numberOf(fields, 'uid', 10), numberOf(fields, 'gid', 10)]
  return { ...(mode !== undefined && { mode }), ...(uid !== undefined && { uid }), ...(gid !== undefined && { gid }) }
}

/** The later of the two counts. */
function isReadOnly(fields: Fields): boolean | undefined {
  return [...fields.keys()].reduce<boolean | undefined>((readOnly, name) => {
    const value = name === 'ro' || name === 'rw' ? switchOf(fields, name) : undefined
    return value === undefined ? readOnly : (name === 'ro') === value
  }, undefined)
}

function textOf(fields: Fields, name: string): string {
  return fields.get(name) ?? ''
}
