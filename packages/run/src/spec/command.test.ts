import assert from 'node:assert/strict'
import { test } from 'node:test'
import { commandLine } from './command.ts'
import { environment } from './environment.ts'

const image = { Entrypoint: ['/entry'], Cmd: ['a', 'b'] }

test('a command replaces the Cmd, an entrypoint both', () => {
  assert.deepEqual(commandLine(image, {}), ['/entry', 'a', 'b'])
  assert.deepEqual(commandLine(image, { command: ['c'] }), ['/entry', 'c'])
  assert.deepEqual(commandLine(image, { command: [] }), ['/entry', 'a', 'b'])
  assert.deepEqual(commandLine(image, { entrypoint: '/other' }), ['/other'])
  assert.deepEqual(commandLine(image, { entrypoint: ['/other', '-x'], command: ['c'] }), ['/other', '-x', 'c'])
  assert.deepEqual(commandLine(image, { entrypoint: '', command: ['c'] }), ['c'])
  assert.deepEqual(commandLine({ Entrypoint: null, Cmd: ['a'] }, {}), ['a'])
})

test('nothing to run is an error', () => {
  assert.throws(() => commandLine({}, {}), { code: 'NO_COMMAND' })
  assert.throws(() => commandLine(image, { entrypoint: '' }), { code: 'NO_COMMAND' })
})

const sources = { image: [], asked: [], caller: {}, hostname: 'box', home: '/root', tty: false }

test('the image outdoes the defaults, what is asked for outdoes the image', () => {
  const asked = ['B=2', 'HOME=/tmp', 'TAKEN', 'GONE']
  const env = environment({ ...sources, image: ['PATH=/bin', 'A=1', 'B=1', 'GONE=1'], asked, caller: { TAKEN: 'x' } })
  assert.deepEqual(env, ['PATH=/bin', 'HOSTNAME=box', 'A=1', 'B=2', 'HOME=/tmp', 'TAKEN=x'])
})

test('a terminal has a TERM', () => {
  assert.deepEqual(environment({ ...sources, tty: true }).slice(1), ['HOSTNAME=box', 'TERM=xterm', 'HOME=/root'])
})
