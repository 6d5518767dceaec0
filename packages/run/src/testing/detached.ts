import { existsSync, readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { ContainerRecord, ContainerState } from '@gocker/store'
import type { Caller } from '../life/caller.ts'
import { removeContainer } from '../life/remove-container.ts'
import type { ContainerOptions } from '../options/container-options.ts'
import type { Sandbox } from './sandbox.ts'

const CALL_BACK = fileURLToPath(new URL('call-back.ts', import.meta.url))

export interface DetachedForTest {
  readonly record: ContainerRecord
  readonly state: ContainerState
}

export function callerOf({ store }: Sandbox): Caller {
  return { command: [process.execPath, CALL_BACK], env: [`GOCKER_ROOT=${store.paths.root}`, `GOCKER_RUN=${store.paths.run}`] }
}

/** Starts a container that stays when it has ended, does something with it, and removes it; then nothing may be left. */
export async function detached(
  box: Sandbox,
  { caller = callerOf(box), ...options }: Partial<ContainerOptions> & { readonly caller?: Caller },
  act: (running: DetachedForTest) => Promise<void>,
): Promise<void> {
  const { store } = box
  const container = await box.create({ remove: false, ...options })
  try {
    await container.startDetached({ caller })
    const [record, state] = await Promise.all([store.containers.get(container.id), store.containers.readState(container.id)])
    await act({ record, state: state as ContainerState })
  } finally {
    await removeContainer(store, container.id, { force: true })
  }
  await box.leaks.assertNone()
}

/** Asks again until it is so. */
export async function eventually(isSo: () => boolean | Promise<boolean>, patience = 20_000): Promise<void> {
  const end = Date.now() + patience
  while (!(await isSo())) {
    if (Date.now() > end) throw new Error(`waited ${patience} ms in vain: ${isSo}`)
    await delay(10)
  }
}

interface Said {
  readonly stdout: Buffer
  readonly stderr: Buffer
}

/** What a container has said, by stream; fails where a record is not whole. */
export function said(file: string): Said {
  const { rest, ...streams } = readLog(file)
  if (rest > 0) throw new Error(`the log ends with ${rest} bytes that are no record`)
  return streams
}

/** The same of one that still speaks: its last record may be on its way. */
export function saidSoFar(file: string): Said {
  return readLog(file)
}

function readLog(file: string): Said & { rest: number } {
  const streams: Record<number, Buffer[]> = { 1: [], 2: [] }
  const bytes = existsSync(file) ? readFileSync(file) : Buffer.alloc(0)
  let at = 0
  while (at + HEADER_SIZE <= bytes.length) {
    const [stream, length] = [16, 24].map((offset) => Number(bytes.readBigUInt64LE(at + offset))) as [number, number]
    const end = at + HEADER_SIZE + length
    if (end > bytes.length) break
    streams[stream]?.push(bytes.subarray(at + HEADER_SIZE, end))
    at = end
  }
  return { stdout: Buffer.concat(streams[1] ?? []), stderr: Buffer.concat(streams[2] ?? []), rest: bytes.length - at }
}

const HEADER_SIZE = 32
