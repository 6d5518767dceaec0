import assert from 'node:assert/strict'
import { test } from 'node:test'
import { linkedPart } from './linked-part.ts'

function run(module: string, others: Readonly<Record<string, object>> = {}): Record<string, unknown> {
  const exports: Record<string, unknown> = {}
  const load = Object.assign((name: string) => others[name], { later: async (name: string) => others[name] })
  const part = new Function(`return ${linkedPart(module)}`)() as (exports: object, load: unknown, url: string) => void
  part(exports, load, 'file:///bundle')
  return exports
}

test('what is imported is there before anything runs', () => {
  const { sum } = run('var sum=add(one,two);import{add,one as two}from"./other.js";import{one}from"./other.js";export{sum};', {
    './other.js': { add: (a: number, b: number) => a + b, one: 1 },
  })
  assert.equal(sum, 2)
})

test('names, defaults and whole modules', () => {
  const others = { 'node:fs': { name: 'fs' }, './side.js': {} }
  const exports = run(
    'import fs from"node:fs";import"./side.js";function f(){return`${fs.name}`}export{f as g,f};\nexport default f();',
    others,
  )
  assert.deepEqual([(exports.g as () => string)(), exports.f === exports.g, exports.default], ['fs', true, 'fs'])
})

test('a part that is loaded later, and the place of the file', async () => {
  const { later, url } = run('var later=()=>import("./other.js"),url=import.meta.url;export{later,url};', { './other.js': { x: 1 } })
  assert.deepEqual([await (later as () => Promise<unknown>)(), url], [{ x: 1 }, 'file:///bundle'])
})

test('a form that is not known is an error', () => {
  assert.throws(() => linkedPart('export*from"./other.js";'), /not a known form/)
  assert.throws(() => linkedPart('import a,{b}from"./other.js";'), /not a known form/)
})
