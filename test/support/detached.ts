import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { basename, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type Image, type RunFixture, runFixture, succeeded } from './running.ts'

/** For tests of containers that go on without gocker. */
export interface DetachedFixture extends RunFixture {
  /** `gocker run -d`, on no network; gives the id. */
  runDetached(...words: readonly string[]): Promise<string>
  /** What a command prints; fails where it does not succeed. */
  prints(...words: readonly string[]): Promise<string>
  /** `gocker ps`'s word for it. */
  status(name: string): Promise<string>
  /** A file or directory of a container's bundle. */
  bundle(name: string, file: string): string
  /** What it has said, as its newest log file has it: stdout and stderr, in their order. */
  said(name: string): string
  /** What the run directory says of one that runs. */
  stateOf(name: string): RunningState
  eventually(isSo: () => boolean | Promise<boolean>): Promise<void>
}

interface RunningState {
  readonly pid: number
  readonly monitor: { readonly pid: number }
}

export function detachedFixture(...images: readonly Image[]): DetachedFixture {
  const fixture = runFixture(...images)
  const { gocker, root } = fixture
  const prints = async (...words: readonly string[]) => succeeded(await gocker(words)).stdout
  const bundle = (name: string, file: string) => join(root, 'store/names', name, file)
  return {
    ...fixture,
    prints,
    bundle,
    eventually,
    stateOf: (name) => readState(root, name),
    runDetached: async (...words) => (await prints('run', '-d', '--network', 'none', ...words)).trim(),
    status: async (name) => (await prints('ps', '-a', '--filter', `name=^${name}$`, '--format', '{{.Status}}')).trim(),
    said: (name) => decoded(bundle(name, 'log')),
  }
}

/** Asks again until it is so. */
async function eventually(isSo: () => boolean | Promise<boolean>, patience = 60_000): Promise<void> {
  const end = Date.now() + patience
  while (!(await isSo())) {
    if (Date.now() > end) throw new Error(`waited ${patience} ms in vain: ${isSo}`)
    await delay(20)
  }
}

/** Whether a process has this title. */
export function isRunning(title: string): boolean {
  return readdirSync('/proc').some((pid) => /^\d+$/.test(pid) && readIfThere(`/proc/${pid}/cmdline`) === `${title}\0`)
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

function readState(root: string, name: string): RunningState {
  const id = basename(readlinkSync(join(root, 'store/names', name)))
  return JSON.parse(readFileSync(join(root, 'run', id, 'state.json'), 'utf8'))
}

function decoded(file: string): string {
  const bytes = existsSync(file) ? readFileSync(file) : Buffer.alloc(0)
  const parts: Buffer[] = []
  for (let at = 0; at + 32 <= bytes.length; ) {
    const length = Number(bytes.readBigUInt64LE(at + 24))
    parts.push(bytes.subarray(at + 32, at + 32 + length))
    at += 32 + length
  }
  return Buffer.concat(parts).toString()
}
