import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { appendFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { temporaryDirectory } from '@gocker/testkit'
import { type LogBatchesOptions, logBatches } from './read-logs.ts'
import type { LogRecord, LogStream } from './record.ts'
import { encodeRecord, record } from './testing/records.ts'

interface Log {
  readonly path: string
  append(...records: readonly LogRecord[]): void
  rotate(files: number): void
}

/** As a monitor keeps it. */
function logOf(t: TestContext, ...records: readonly LogRecord[]): Log {
  const path = join(temporaryDirectory(t), 'log')
  const append = (...more: readonly LogRecord[]) => appendFileSync(path, Buffer.concat(more.map(encodeRecord)))
  const name = (number: number) => (number === 0 ? path : `${path}.${number}`)
  append(...records)
  return {
    path,
    append,
    rotate(files) {
      for (let number = files - 1; number >= 1; number--)
        try {
          renameSync(name(number - 1), name(number))
        } catch {
          // There are not so many yet.
        }
      writeFileSync(path, '')
    },
  }
}

async function read(path: string, options: LogBatchesOptions = {}): Promise<LogRecord[]> {
  const records: LogRecord[] = []
  for await (const batch of logBatches(path, options)) records.push(...batch)
  return records
}

function textOf(records: readonly LogRecord[], stream?: LogStream): string {
  const chosen = records.filter((one) => stream === undefined || one.stream === stream)
  return Buffer.concat(chosen.map(({ data }) => data)).toString('latin1')
}

async function text(path: string, options: LogBatchesOptions = {}): Promise<string> {
  return textOf(await read(path, options))
}

test('what was written comes in its order, the rotated files first', async (t) => {
  const log = logOf(t, record('stdout', 'one\n'))
  log.rotate(3)
  log.append(record('stderr', 'two\n'), record('stdout', 'three\n'))
  log.rotate(3)
  log.append(record('stdout', 'four\n'))
  assert.equal(await text(log.path), 'one\ntwo\nthree\nfour\n')
  assert.equal(await text(log.path, { streams: ['stderr'] }), 'two\n')
  log.rotate(3)
  log.append(record('stdout', 'five\n'))
  assert.equal(await text(log.path), 'two\nthree\nfour\nfive\n')
  assert.equal(await text(log.path, { tail: 2 }), 'four\nfive\n')
  assert.equal(await text(log.path, { tail: 3 }), 'three\nfour\nfive\n')
  assert.equal(await text(log.path, { tail: 0 }), '')
})

const TAILS: [written: readonly string[], tail: number, expected: string][] = [
  [['o:a\nb\nc\n'], 2, 'b\nc\n'],
  [['o:a\nb\nc'], 2, 'b\nc'],
  [['o:a\n', 'o:b', 'o:b', 'o:b\n'], 1, 'bbb\n'],
  [['o:a\n', 'o:b', 'o:b'], 1, 'bb'],
  [['o:\n\n\n'], 2, '\n\n'],
  [['o:a\n', 'e:b\n', 'o:c\n'], 2, 'b\nc\n'],
  // The beginning of stdout's line comes before stderr's, which ends first.
  [['o:x\n', 'o:o', 'e:e\n', 'o:o\n'], 1, 'oo\n'],
  [['o:x\no', 'o:o', 'e:e\n', 'o:o\n'], 2, 'ooe\no\n'],
  [['e:x\ne', 'o:1\n', 'e:e\n', 'o:2\n'], 2, 'ee\n2\n'],
  [['o:a\nb\n'], 5, 'a\nb\n'],
  [['o:abc'], 1, 'abc'],
]

for (const [written, tail, expected] of TAILS)
  test(`the last ${tail} of ${JSON.stringify(written)}`, async (t) => {
    const records = written.map((one) => record(one.startsWith('o:') ? 'stdout' : 'stderr', one.slice(2)))
    assert.equal(await text(logOf(t, ...records).path, { tail }), expected)
  })

test('the last lines are the last ones of however many there are', async (t) => {
  const log = logOf(t)
  const all: string[] = []
  for (let file = 0; file < 3; file++) {
    if (file > 0) log.rotate(3)
    const records: LogRecord[] = []
    for (let count = 0; count < 4000; count++) {
      const line = `${all.length} ${'x'.repeat(randomInt(0, 120))}\n`
      const cut = randomInt(0, line.length)
      all.push(line)
      records.push(...[line.slice(0, cut), line.slice(cut)].filter((part) => part !== '').map((part) => record('stdout', part)))
    }
    log.append(...records)
  }
  for (const tail of [1, 2, 10, 3999, 4000, 4001, 7777, 11_999, 12_000, 12_001])
    assert.equal(await text(log.path, { tail }), all.slice(-tail).join(''), `${tail} lines`)
})

test('what is earlier or later than asked for is left out, in a long log too', async (t) => {
  const all = Array.from({ length: 60_000 }, (_, index) => record('stdout', `${`line ${index}`.padEnd(39)}\n`, BigInt(index) * 1000n))
  const log = logOf(t, ...all.slice(0, 20_000))
  log.rotate(2)
  log.append(...all.slice(20_000))
  const lines = (from: number, to: number) => textOf(all.slice(from, to))
  assert.equal(await text(log.path, { since: 59_990_000n }), lines(59_990, 60_000))
  assert.equal(await text(log.path, { since: 19_999_001n, until: 20_002_999n }), lines(20_000, 20_003))
  assert.equal(await text(log.path, { since: 30_000_000n, until: 30_000_000n }), lines(30_000, 30_001))
  assert.equal(await text(log.path, { until: 4999n }), lines(0, 5))
  assert.equal(await text(log.path, { since: 60_000_000n }), '')
  assert.equal(await text(log.path, { tail: 3, until: 40_000_000n }), lines(39_998, 40_001))
  assert.equal(await text(log.path, { tail: 5, since: 59_998_000n }), lines(59_998, 60_000))
})

/** Follows a log until it is said to be over. */
function follow(t: TestContext, path: string, options: LogBatchesOptions = {}) {
  const over = { is: false }
  // A test that fails ends, too.
  t.after(() => {
    over.is = true
  })
  const records: LogRecord[] = []
  const done = (async () => {
    for await (const batch of logBatches(path, { isOver: () => over.is, ...options })) records.push(...batch)
    return textOf(records)
  })()
  return {
    over,
    done,
    async until(expected: string): Promise<void> {
      for (const end = Date.now() + 10_000; textOf(records) !== expected; await delay(5))
        if (Date.now() > end) assert.equal(textOf(records), expected)
    },
  }
}

test('a follower gets what is written, through rotations, and ends when it is over', async (t) => {
  const log = logOf(t, record('stdout', 'first '))
  const following = follow(t, log.path)
  await following.until('first ')
  log.append(record('stdout', 'second '))
  await following.until('first second ')
  log.rotate(3)
  log.append(record('stdout', 'third '))
  await following.until('first second third ')
  for (const part of ['fourth ', 'fifth ', 'sixth ']) {
    log.append(record('stdout', part))
    log.rotate(10)
  }
  log.append(record('stdout', 'last'))
  following.over.is = true
  assert.equal(await following.done, 'first second third fourth fifth sixth last')
})

test('a follower sees the whole of a record that is written in pieces, and what there is when it stays a piece', async (t) => {
  const log = logOf(t)
  const following = follow(t, log.path)
  const bytes = encodeRecord(record('stdout', 'in pieces'))
  for (const byte of bytes) appendFileSync(log.path, Buffer.of(byte))
  await following.until('in pieces')
  appendFileSync(log.path, encodeRecord(record('stdout', ' torn off')).subarray(0, -4))
  following.over.is = true
  assert.equal(await following.done, 'in pieces torn')
})

test('a record that did not fit on the disk and was taken back does not spoil the next', async (t) => {
  const log = logOf(t, record('stdout', 'whole\n'))
  const following = follow(t, log.path)
  await following.until('whole\n')
  const whole = 32 + 6
  appendFileSync(log.path, encodeRecord(record('stdout', 'does not fit')).subarray(0, 40))
  await delay(300)
  truncateSync(log.path, whole)
  log.append(record('stdout', 'fits\n'))
  await following.until('whole\nfits\n')
  following.over.is = true
  await following.done
})

test('a log that is emptied is read from its new beginning', async (t) => {
  const log = logOf(t, record('stdout', 'much that is gone afterwards\n'))
  const following = follow(t, log.path)
  await following.until('much that is gone afterwards\n')
  log.append(record('stdout', 'a\n'))
  await following.until('much that is gone afterwards\na\n')
  truncateSync(log.path, 0)
  log.append(record('stdout', 'b\n'))
  await following.until('much that is gone afterwards\na\nb\n')
  following.over.is = true
  await following.done
})

test('a follower outlives the files, and waits for the first one', async (t) => {
  const log = logOf(t)
  rmSync(log.path)
  const following = follow(t, log.path)
  log.append(record('stdout', 'here'))
  await following.until('here')
  log.append(record('stdout', ' and gone'))
  await following.until('here and gone')
  rmSync(log.path)
  following.over.is = true
  assert.equal(await following.done, 'here and gone')
})

test('with a last moment, a follower ends at what is later', async (t) => {
  const log = logOf(t, record('stdout', 'a', 10n), record('stdout', 'b', 20n))
  const following = follow(t, log.path, { until: 25n })
  await following.until('ab')
  log.append(record('stdout', 'c', 25n), record('stdout', 'd', 26n))
  assert.equal(await following.done, 'abc')
})

test('a follower that is not wanted any more ends with the reason', async (t) => {
  const log = logOf(t, record('stdout', 'a'))
  const controller = new AbortController()
  const following = follow(t, log.path, { signal: controller.signal })
  await following.until('a')
  controller.abort(new Error('enough'))
  await assert.rejects(following.done, { message: 'enough' })
})

test('who stops listening holds nothing', async (t) => {
  const log = logOf(t, record('stdout', 'a'))
  const batches = logBatches(log.path, { isOver: () => false })
  assert.equal(textOf((await batches.next()).value ?? []), 'a')
  await batches.return(undefined)
})
