import { at, shown, slot, struct, value } from '@gocker/kernel'
import { AT_FDCWD, TO_APPEND } from './constants.ts'
import type { LogFacts, Plan } from './plan.ts'
import type { PollSet } from './poll-set.ts'

/** One of the container's streams, as the log numbers them. */
export interface LogStream {
  readonly name: string
  readonly fd: number
  readonly number: 1 | 2
}

const CHUNK = 16 * 1024
const HEADER_SIZE = 32
const EAGAIN = 11
const ROTATED = 'the log is rotated'
const CLOCK_REALTIME = shown(0, 'CLOCK_REALTIME')
const SEEK_END = shown(2, 'SEEK_END')

const logFile = slot('log file')
const logSize = slot('size of the log')
const chunk = slot('chunk of output', CHUNK)
/** Seconds, nanoseconds, stream, length: what stands before every chunk. */
const header = slot('header of a record', HEADER_SIZE)
const length = at(header, 24)
const record = struct([header, HEADER_SIZE, chunk, 0], 'record')
const written = slot('written')
const recordSize = slot('size of the record')

export function openLog({ program }: Plan, log: LogFacts | undefined): void {
  if (log === undefined) return
  program.row({ name: 'open the log', call: 'openat', args: [AT_FDCWD, log.file, TO_APPEND, 0o640], result: logFile })
  program.row({ name: 'see how long it is', call: 'lseek', args: [value(logFile), 0, SEEK_END], result: logSize })
}

interface Pumped {
  readonly stream: LogStream
  readonly waiting: PollSet
  readonly log: LogFacts | undefined
}

/** Takes what a stream has to say, and appends it to the log. Whatever goes wrong with the log, the stream is read: nobody is to wait for a disk. */
export function pump(plan: Plan, { stream, waiting, log }: Pumped): void {
  const { program } = plan
  const { name, fd } = stream
  const [read, done, end, failed] = [`read ${name}`, `${name} is read`, `${name} has ended`, `${name} cannot be read`]
  waiting.onEvent(program, name, read)
  program.jump(done)
  program.label(read)
  program.row({
    name: `read what the container says: ${name}`,
    call: 'read',
    args: [fd, chunk, CHUNK],
    result: length,
    pass: 'any',
    onZero: end,
    onError: failed,
  })
  if (log !== undefined) append(plan, stream)
  program.jump(done)
  program.label(failed)
  program.compare({ name: `was there nothing after all?`, a: value(length), b: -EAGAIN, onZero: done })
  program.label(end)
  waiting.leaveOut(program, name)
  program.label(done)
}

function append({ program }: Plan, { name, number }: LogStream): void {
  const [whole, kept] = [`record of ${name} is whole`, `record of ${name} is kept`]
  program.row({ name: 'read the clock', call: 'clock_gettime', args: [CLOCK_REALTIME, header] })
  program.compare({ name: `say that it comes from ${name}`, a: number, b: 0, result: at(header, 16) })
  program.compare({ name: 'say how much it is', a: value(length), b: 0, result: at(record, 24) })
  program.compare({ name: 'reckon the size of the record', a: value(length), b: -HEADER_SIZE, result: recordSize })
  program.row({ name: 'append it to the log', call: 'writev', args: [value(logFile), record, 2], result: written, pass: 'any' })
  program.compare({ name: 'is it there whole?', a: value(written), b: value(recordSize), onZero: whole })
  // A full disk: readers find no half of a record.
  program.row({ name: 'take back what is not whole', call: 'ftruncate', args: [value(logFile), value(logSize)], pass: 'any' })
  program.jump(kept)
  program.label(whole)
  const negative = slot('negated size')
  program.compare({ name: 'reckon how long the log is', a: 0, b: value(logSize), result: negative })
  program.compare({ name: 'with the record', a: value(recordSize), b: value(negative), result: logSize })
  program.label(kept)
}

/** After every stream has been looked at. */
export function rotateWhenFull({ program }: Plan, log: LogFacts | undefined): void {
  if (log === undefined || log.maxSize === 0) return
  program.compare({ name: 'is there room for more?', a: value(logSize), b: log.maxSize, onNegative: ROTATED })
  rotate(program, log)
  program.label(ROTATED)
}

/** The oldest goes, the others move on by one, and a new one begins: unless none can be made, when this one grows on. */
function rotate(program: Plan['program'], { file, maxFiles }: LogFacts): void {
  if (maxFiles === 1) {
    program.row({ name: 'empty the log', call: 'ftruncate', args: [value(logFile), 0], pass: 'any' })
    program.compare({ name: 'it has nothing now', a: 0, b: 0, result: logSize })
    return
  }
  const fresh = slot('new log file')
  const next = `${file}.next`
  const open = { call: 'openat', args: [AT_FDCWD, next, TO_APPEND, 0o640] } as const
  program.row({ name: 'begin a new log', ...open, result: fresh, pass: 'any', onError: ROTATED })
  for (let number = maxFiles - 1; number >= 1; number--) move(program, number === 1 ? file : `${file}.${number - 1}`, `${file}.${number}`)
  move(program, next, file)
  program.row({ name: 'close the one before', call: 'close', args: [value(logFile)], pass: 'any' })
  program.compare({ name: 'go on with the new one', a: value(fresh), b: 0, result: logFile })
  program.compare({ name: 'which is empty', a: 0, b: 0, result: logSize })
}

function move(program: Plan['program'], from: string, to: string): void {
  program.row({ name: `rename ${from} to ${to}`, call: 'renameat2', args: [AT_FDCWD, from, AT_FDCWD, to, 0], pass: 'any' })
}
