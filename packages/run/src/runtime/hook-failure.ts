import type { RuntimeSpec } from '@gocker/oci'
import { RunError } from '../error.ts'

export function hookFailed({ kind, path, why }: { kind: string; path: string; why: string }): RunError {
  return new RunError('HOOK_FAILED', `running ${kind} hook ${path}: ${why}`)
}

/**
 * Of those that the container's program runs.
 * @param failed.index the number among them
 * @param failed.status a raw wait status, or -1 for one that took too long
 */
export function programHookFailed({ hooks = {} }: RuntimeSpec, { index, status }: { index: number; status: number }): RunError {
  const { createContainer = [], startContainer = [] } = hooks
  const kind = index < createContainer.length ? 'createContainer' : 'startContainer'
  const { path = '' } = [...createContainer, ...startContainer][index] ?? {}
  if (status === -1) return hookFailed({ kind, path, why: 'it took too long' })
  const signal = status & 0x7f
  return hookFailed({ kind, path, why: signal === 0 ? `exit status ${status >> 8}` : `killed by signal ${signal}` })
}
