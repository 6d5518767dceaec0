import assert from 'node:assert/strict'
import { test } from 'node:test'
import { signalName, signalNumber } from './signals.ts'

for (const [text, number] of [
  ['SIGTERM', 15],
  ['term', 15],
  ['15', 15],
  ['SigKill', 9],
  ['SIGRTMIN', 34],
  ['RTMIN+3', 37],
  ['SIGRTMAX-1', 63],
  ['rtmax', 64],
  ['64', 64],
] as const) {
  test(`${text} is signal ${number}`, () => assert.equal(signalNumber(text), number))
}

for (const text of ['', '0', '65', 'SIG', 'NOPE', '-9', 'RTMIN-1', 'RTMAX+1', 'RTMIN+', '9x', 'toString', '__PROTO__']) {
  test(`${JSON.stringify(text)} is no signal`, () => assert.throws(() => signalNumber(text), { name: 'KernelError', code: 'EINVAL' }))
}

test('names lead back to their numbers', () => {
  for (let number = 1; number <= 64; number++) {
    const name = signalName(number)
    assert.equal(name === undefined ? number : signalNumber(name), number)
  }
  assert.equal(signalName(6), 'SIGABRT')
  assert.equal(signalName(37), 'SIGRTMIN+3')
  assert.equal(signalName(0), undefined)
  assert.equal(signalName(65), undefined)
})
