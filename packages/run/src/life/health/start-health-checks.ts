import { rmSync } from 'node:fs'
import type { RuntimeSpec } from '@gocker/oci'
import type { ContainerRecord, ProcessIdentity, Store } from '@gocker/store'
import type { Stack } from '../../rootfs/layers.ts'
import { type HealthOptions, healthCheckOf } from './health-check.ts'

export interface HealthChecksOptions {
  readonly store: Store
  readonly record: ContainerRecord
  /** The container's own. */
  readonly spec: RuntimeSpec
  /** The container's first process; its start time tells it from a later one. */
  readonly container: ProcessIdentity
  /** With the image's config. */
  readonly stack: Pick<Stack, 'config'>
  readonly options: HealthOptions
}

/**
 * Starts the process that checks a running container's health, where the image or the options ask for it. It outlives this process, and
 * ends with the container. What is known of checks before is forgotten.
 * @throws {RunError}, {KernelError} where it cannot be started
 */
export async function startHealthChecks(options: HealthChecksOptions): Promise<void> {
  const { store, record, stack } = options
  const check = healthCheckOf(stack.config, options.options)
  forgetResults(store, record.id)
  if (check === undefined) return
  // Loaded for those containers alone that are checked.
  const { startChecker } = await import('./checker.ts')
  await startChecker(options, check)
}

function forgetResults({ paths }: Store, id: string): void {
  for (const file of [paths.healthChecker(id), paths.healthFile(id)]) rmSync(file, { force: true })
}
