import { type Mutating, mutateBytes } from './mutate-bytes.ts'
import type { Random } from './random.ts'

type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

/** Of every type, and at the ends of what numbers and texts can be. */
const VALUES: readonly Json[] = [
  ...[null, true, false, 0, -1, 1, 0.5, 2 ** 31, 2 ** 32 - 1, 2 ** 53, -(2 ** 63), 1e308],
  ...['', '/', '..', '\0', '\u{1f980}', 'a\nb', '$PATH', '-', 'x'.repeat(5000), '__proto__', 'constructor'],
  ...[[], [[]], [null], [''], {}, { '': null }, { __proto__: 1 }, { length: 3 }],
] as Json[]

/** Changes the document's tree mostly, so that what comes out is still JSON, and its bytes now and then. */
export function mutateJson(bytes: Buffer, mutating: Mutating): Buffer {
  const document = mutating.random.oneIn(8) ? undefined : parsed(bytes)
  if (document === undefined) return mutateBytes(bytes, mutating)
  let tree = document
  for (let left = 1 + mutating.random.below(3); left > 0; left--) tree = mutateTree(tree, mutating, parsed(mutating.other))
  return Buffer.from(JSON.stringify(tree))
}

function parsed(bytes: Buffer): Json | undefined {
  try {
    return JSON.parse(bytes.toString())
  } catch {
    return undefined
  }
}

/** Goes down by chance, and changes where it comes to rest. */
function mutateTree(tree: Json, mutating: Mutating, other: Json | undefined): Json {
  const { random } = mutating
  if (typeof tree !== 'object' || tree === null || random.oneIn(6)) return replaced(tree, mutating, other)
  const keys = Object.keys(tree)
  if (random.oneIn(6)) return added(tree, random)
  if (keys.length === 0) return replaced(tree, mutating, other)
  const key = random.pick(keys)
  const copy: Json = Array.isArray(tree) ? [...tree] : { ...tree }
  const entries = copy as { [key: string]: Json }
  const way = random.below(8)
  if (way === 0) delete entries[key]
  else if (way === 1) entries[random.pick(keys)] = entries[key] as Json
  else entries[key] = mutateTree(entries[key] as Json, mutating, other)
  return Array.isArray(copy) ? copy.filter((item) => item !== undefined) : copy
}

function replaced(value: Json, mutating: Mutating, other: Json | undefined): Json {
  const { random } = mutating
  if (typeof value === 'string' && random.oneIn(2)) return mutateBytes(Buffer.from(value), mutating).toString()
  if (typeof value === 'number' && random.oneIn(2)) return value + random.pick([-1, 1, 0.5, 2 ** 32, -(2 ** 40)])
  if (other !== undefined && random.oneIn(3)) return somewhereIn(other, random)
  return random.pick(VALUES)
}

function added(tree: Json[] | { [key: string]: Json }, random: Random): Json {
  const value = random.pick(VALUES)
  return Array.isArray(tree)
    ? [...tree, random.oneIn(2) ? value : (random.pick([...tree, value]) as Json)]
    : { ...tree, [`k${random.below(4)}`]: value }
}

function somewhereIn(tree: Json, random: Random): Json {
  if (typeof tree !== 'object' || tree === null || random.oneIn(4)) return tree
  const values = Object.values(tree)
  return values.length === 0 ? tree : somewhereIn(random.pick(values), random)
}
