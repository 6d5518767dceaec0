import { at, fork, type IdRange, LaunchProgram, reportDescriptor, shown, slot, value, vector, waitForChild } from '@gocker/kernel'
import { AT_FDCWD, cloneFlags, O_CLOEXEC, TO_READ, TO_WRITE } from '../program/constants.ts'
import type { IdMaps, MapTools } from './id-maps.ts'

export interface EnterFacts {
  /** Of this process, which the program takes the place of. */
  readonly pid: number
  readonly maps: IdMaps
  /** A process in the namespace that this user's containers are in already. */
  readonly member: number | undefined
  /** A descriptor to close as soon as the namespace is there. */
  readonly lock: number
  /** What goes on inside, as root. */
  readonly command: readonly string[]
  readonly env: readonly string[]
  /** What is added to the environment where there is no namespace to be had; it then goes on outside. */
  readonly onFailure: (step: FailedStep) => string
}

/** What the kernel, or newuidmap, did not let pass. */
export type FailedStep = 'make' | 'map' | 'mount'

const ends = slot('pipe', 16)
const [readEnd, writeEnd] = [at(ends, 0), at(ends, 4)]
const mapper = { pid: slot('mapper'), status: slot('status of the mapper') }
const first = { pid: slot('newuidmap'), status: slot('status of newuidmap') }

/**
 * What an ordinary user's gocker becomes: root in a user namespace, where the same command begins once more. The namespace is the one of the user's
 * other containers, where there are any.
 * @see user_namespaces(7)
 */
export function enterProgram(facts: EnterFacts): LaunchProgram {
  const program = new LaunchProgram()
  // Nobody listens; by that number a descriptor of the caller's may be open.
  program.compare({ name: 'report to nobody', a: 0, b: 1, result: reportDescriptor })
  if (facts.member !== undefined) joinMember(program, facts.member)
  makeNamespace(program, facts)
  program.label('entered')
  program.row({ name: 'be its first group', call: 'setresgid', args: [0, 0, 0], pass: 'any' })
  program.row({ name: 'be its first user', call: 'setresuid', args: [0, 0, 0], pass: 'any' })
  // Where a security module takes the rights of a user namespace away, this shows it.
  program.row({
    name: 'have mounts of its own',
    call: 'unshare',
    args: [cloneFlags(['CLONE_NEWNS'])],
    pass: 'any',
    onError: 'failed to mount',
  })
  program.row({ name: 'let others in', call: 'close', args: [facts.lock], pass: 'any' })
  begin(program, facts, facts.env)
  for (const step of ['make', 'map', 'mount'] as const) {
    program.label(`failed to ${step}`)
    begin(program, facts, [...facts.env, facts.onFailure(step)])
  }
  if (facts.maps.tools !== undefined) mapIds(program, facts, facts.maps.tools)
  return program
}

function begin(program: LaunchProgram, { command }: EnterFacts, env: readonly string[]): void {
  const [path = ''] = command
  program.row({ name: 'begin once more', call: 'execve', args: [path, vector(command), vector(env)] })
}

/** It may have ended meanwhile: then there is one to be made. */
function joinMember(program: LaunchProgram, member: number): void {
  const namespace = slot('namespace')
  program.row({
    name: 'open the user namespace',
    call: 'openat',
    args: [AT_FDCWD, `/proc/${member}/ns/user`, TO_READ],
    result: namespace,
    pass: 'any',
    onError: 'make a namespace',
  })
  const args = [value(namespace), cloneFlags(['CLONE_NEWUSER'])]
  program.row({ name: 'join it', call: 'setns', args, pass: 'any', onError: 'make a namespace' })
  program.row({ name: 'close it', call: 'close', args: [value(namespace)] })
  program.jump('entered')
  program.label('make a namespace')
}

function makeNamespace(program: LaunchProgram, { maps }: EnterFacts): void {
  const unshare = {
    name: 'make a user namespace',
    call: 'unshare',
    args: [cloneFlags(['CLONE_NEWUSER'])],
    pass: 'any',
    onError: 'failed to make',
  } as const
  if (maps.tools === undefined) {
    program.row(unshare)
    mapOwnId(program, maps)
    return
  }
  program.row({ name: 'make a pipe', call: 'pipe2', args: [ends, shown(O_CLOEXEC, 'O_CLOEXEC')] })
  fork(program, { name: 'make a process that stays outside', pid: mapper.pid, child: 'outside' })
  program.row({ name: 'close its end', call: 'close', args: [value(readEnd)] })
  program.row(unshare)
  program.row({ name: 'tell it that there is a namespace', call: 'write', args: [value(writeEnd), 'n', 1] })
  program.row({ name: 'close the pipe', call: 'close', args: [value(writeEnd)] })
  waitForChild(program, mapper)
  const failed = 'failed to map'
  program.compare({ name: 'are the ids mapped?', a: value(mapper.status), b: 0, onPositive: failed, onNegative: failed })
}

/** All that a user may do by himself. Groups could otherwise be given up that deny him something. */
function mapOwnId(program: LaunchProgram, { uids, gids }: IdMaps): void {
  const files = [
    ['setgroups', 'deny'],
    ['uid_map', mapText(uids)],
    ['gid_map', mapText(gids)],
  ] as const
  const opened = slot('file in /proc')
  for (const [name, text] of files) {
    const onError = { pass: 'any', onError: 'failed to map' } as const
    const args = [AT_FDCWD, `/proc/self/${name}`, TO_WRITE]
    program.row({ name: `open ${name}`, call: 'openat', args, result: opened, ...onError })
    program.row({ name: `write ${name}`, call: 'write', args: [value(opened), text, text.length], ...onError })
    program.row({ name: `close ${name}`, call: 'close', args: [value(opened)] })
  }
}

function mapText(ranges: readonly IdRange[]): string {
  return ranges.map(({ inside, outside, size }) => `${inside} ${outside} ${size}\n`).join('')
}

/** The process outside: only from there ids can be given that are not the user's own, by tools that look up whether they are his to use. */
function mapIds(program: LaunchProgram, { pid, maps }: EnterFacts, { newuidmap, newgidmap }: MapTools): void {
  program.label('outside')
  program.row({ name: 'close the other end', call: 'close', args: [value(writeEnd)] })
  program.row({ name: 'wait for the namespace', call: 'read', args: [value(readEnd), slot('nothing'), 1], onZero: 'no namespace' })
  fork(program, { name: 'make a process for newuidmap', pid: first.pid, child: 'map users' })
  waitForChild(program, first)
  program.compare({ name: 'has it done so?', a: value(first.status), b: 0, onPositive: 'no namespace', onNegative: 'no namespace' })
  program.row({ name: 'map groups', call: 'execve', args: [newgidmap, vector(mapArguments(newgidmap, pid, maps.gids)), vector([])] })
  program.label('map users')
  program.row({ name: 'map users', call: 'execve', args: [newuidmap, vector(mapArguments(newuidmap, pid, maps.uids)), vector([])] })
  program.label('no namespace')
  program.row({ name: 'give up', call: 'exit_group', args: [1] })
}

function mapArguments(tool: string, pid: number, ranges: readonly IdRange[]): string[] {
  return [tool, `${pid}`, ...ranges.flatMap(({ inside, outside, size }) => [`${inside}`, `${outside}`, `${size}`])]
}
