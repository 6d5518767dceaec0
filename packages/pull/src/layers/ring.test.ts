import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Ring } from './ring.ts'

function pair(): [Ring, Ring] {
  const memory = Ring.allocate({ slots: 2, slotSize: 8 })
  return [new Ring(memory), new Ring(memory)]
}

function put(ring: Ring, text: string): void {
  const slot = ring.emptySlot()
  assert.ok(slot)
  ring.fill(slot.write(text))
}

test('gives what was put in, in order, and takes no more than it holds', () => {
  const [writer, reader] = pair()
  assert.equal(reader.filledSlot(), undefined)
  put(writer, 'one')
  put(writer, 'two')
  assert.equal(writer.emptySlot(), undefined)
  for (const text of ['one', 'two']) {
    assert.equal(reader.filledSlot()?.toString(), text)
    reader.empty()
  }
  writer.end()
  assert.equal(reader.filledSlot(), null)
})

test('a promise waits for the other side', async () => {
  const [writer, reader] = pair()
  const filled = reader.whenFilled()
  put(writer, 'late')
  assert.equal((await filled)?.toString(), 'late')
  put(writer, 'more')
  const empty = writer.whenEmpty()
  reader.empty()
  assert.equal((await empty).length, 8)
})

test('waiting ends with the reason when the other side is gone', async () => {
  const [, reader] = pair()
  const filled = reader.whenFilled()
  reader.close(new Error('gone'))
  await assert.rejects(filled, /gone/)
})
