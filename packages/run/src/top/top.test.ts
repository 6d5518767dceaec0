import assert from 'node:assert/strict'
import { test } from 'node:test'
import { processRow } from './process-row.ts'
import { type ProcessStat, readStat } from './process-stat.ts'
import { selectProcesses } from './ps.ts'

const STAT = '42 (odd) name) S 7 42 42 34817 42 4194304 100 0 0 0 150 50 0 0 20 0 1 0 360000 1000 10 18446744073709551615'

test('a process is read, whatever it is called', () => {
  const status = 'Name:\todd\nUid:\t0\t33\t0\t0\n'
  const process = { pid: 42, parent: 7, uid: 33, terminal: 34817, ticks: 200, startTime: 360_000 }
  assert.deepEqual(readStat({ stat: STAT, status, cmdline: 'sh\0-c\0a\nb\0' }), { ...process, command: 'sh -c a b' })
  assert.equal(readStat({ stat: STAT, status, cmdline: '' }).command, '[odd) name]')
})

const now = new Date(2024, 4, 6, 12, 30)
const users = new Map([
  [0, 'root'],
  [33, 'www-data-user'],
])

function row(changes: Partial<ProcessStat> = {}, uptime = 3700): string[] {
  const process = { pid: 42, parent: 7, uid: 33, terminal: 34817, ticks: 200, startTime: 360_000, command: 'sh' }
  return processRow({ ...process, ...changes }, { now, uptime, users })
}

test('a row is as ps -ef has it', () => {
  assert.deepEqual(row(), ['www-dat+', '42', '7', '2', '12:28', 'pts/1', '00:00:02', 'sh'])
  assert.deepEqual(row({ uid: 1234, terminal: 0, ticks: 372_300 * 100 })[0], '1234')
  assert.equal(row({ terminal: 0 })[5], '?')
  assert.equal(row({ terminal: 1025 })[5], 'tty1')
  assert.equal(row({ ticks: 372_300 * 100 })[6], '103:25:00')
})

test('a beginning is a time today, a day this year, or a year', () => {
  assert.equal(row({ startTime: 0 }, 13 * 3600)[4], 'May05')
  assert.equal(row({ startTime: 0 }, 3600)[4], '11:30')
  assert.equal(row({ startTime: 0 }, 200 * 24 * 3600)[4], '2023')
})

test('the lines of ps that are about certain processes are found by its titles', () => {
  const output = '  USER   PID COMMAND\nroot     1 init\nroot    12 sh -c  a b\nroot   123 x\n'
  assert.deepEqual(selectProcesses(output, [12, 123], ['aux']), {
    titles: ['USER', 'PID', 'COMMAND'],
    rows: [
      ['root', '12', 'sh -c a b'],
      ['root', '123', 'x'],
    ],
  })
  assert.throws(() => selectProcesses('COMMAND\nx\n', [1], ['-o', 'args']), { code: 'INVALID_OPTION', hint: /pid/ })
})
