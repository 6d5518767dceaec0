import { connectUnix, memfd, notifies } from '@gocker/kernel'
import type { RuntimeSpec } from '@gocker/oci'
import type { GivenDescriptors } from './given.ts'
import { DESCRIPTORS } from './program/plan.ts'
import { hookState, type RuntimeRecord, type RuntimeStatus } from './state.ts'

/** The largest pid that Linux gives. */
const LONGEST_PID = 4_194_304

/** Where the agent listens, for a filter that asks one. */
function agentOf({ linux: { seccomp } }: RuntimeSpec): string | undefined {
  return seccomp !== undefined && notifies(seccomp) ? seccomp.listenerPath : undefined
}

export interface NoticeOf {
  readonly spec: RuntimeSpec
  readonly record: RuntimeRecord
  readonly status: RuntimeStatus
}

/**
 * What an agent gets with the descriptor by which it is asked.
 * @param pid of the process that the filter is of
 * @see https://github.com/opencontainers/runtime-spec/blob/main/config-linux.md#containerprocessstate
 */
export function noticeOf({ spec, record, status }: NoticeOf, pid: number): string {
  const { listenerMetadata: metadata } = spec.linux.seccomp ?? {}
  const { ociVersion } = record
  const state: object = JSON.parse(hookState(record, status))
  return JSON.stringify({ ociVersion, fds: ['seccompFd'], pid, ...(metadata !== undefined && { metadata }), state })
}

/** As a fact of the program. */
export function noticeSize(notice: NoticeOf): { noticeSize?: number } {
  if (agentOf(notice.spec) === undefined) return {}
  const record = { ...notice.record, pid: LONGEST_PID }
  return { noticeSize: Buffer.byteLength(noticeOf({ ...notice, record }, LONGEST_PID)) }
}

/** A connection to the agent, and room for what it is told. @throws {KernelError} where none listens */
export function giveAgent(given: GivenDescriptors, spec: RuntimeSpec): void {
  const path = agentOf(spec)
  if (path === undefined) return
  given.give(DESCRIPTORS.agent, connectUnix(path))
  given.give(DESCRIPTORS.notice, memfd('notice'))
}
