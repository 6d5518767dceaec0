import type { RuntimeSpec } from '@gocker/oci'
import { type ContainerRecord, cgroupPath, type Store } from '@gocker/store'
import { RunError } from '../error.ts'
import type { ContainerOptions } from '../options/container-options.ts'
import type { PlacedRequest } from '../options/mount-request.ts'
import { type Stack, stackOf } from '../rootfs/layers.ts'
import { requireStackable } from '../rootfs/stack-limit.ts'
import { OCI_VERSION } from '../spec/runtime-spec.ts'
import { withVolumesOfOthers } from '../volumes/from-others.ts'
import { findImages, makeRoomAboveImages, placeMounts } from '../volumes/image-mounts.ts'
import { makeBundle } from './bundle.ts'
import { containerEvent } from './container-event.ts'
import { settingsOf } from './settings.ts'
import { type RunningContainer, type StartOptions, startContainer } from './start.ts'
import type { DetachedOptions } from './start-detached.ts'

/** A container that can be started. */
export interface Container {
  /** 64 hex digits. */
  readonly id: string
  readonly name: string
  readonly spec: RuntimeSpec
  /**
   * Resolves when the command runs; nothing is left of the attempt when it does not.
   * @throws {RunError} `NOT_FOUND_IN_CONTAINER`, `CANNOT_INVOKE`, `LAUNCH_FAILED`; {KernelError} for a limit that cannot be held
   */
  start(options?: StartOptions): Promise<RunningContainer>
  /**
   * Resolves when the command runs, which goes on when this process has ended; nothing is left of the attempt when it does not.
   * @returns its pid
   * @throws as `start`
   */
  startDetached(options: DetachedOptions): Promise<number>
  /** Removes it with its files and anonymous volumes; it must not run. */
  remove(): Promise<void>
}

/** What {@link Container} is made of, for those who start it. */
export interface ContainerParts {
  readonly store: Store
  readonly record: ContainerRecord
  readonly stack: Stack
  readonly spec: RuntimeSpec
  /** The options', and those that are images by their layers. */
  readonly mounts: readonly PlacedRequest[]
  readonly options: ContainerOptions
}

/**
 * Makes a container of an image or of directories: its bundle in the store, with everything that a start needs.
 * Nothing is left of it when that fails.
 * @throws {RunError} `NEEDS_ROOT`, `INVALID_OPTION`, `NO_COMMAND`, `NO_SUCH_USER`, `NO_SUCH_SOURCE`, `UNSUPPORTED`; {StoreError} `NAME_TAKEN`, ...
 */
export async function createContainer(asked: ContainerOptions): Promise<Container> {
  if (process.getuid?.() !== 0)
    throw new RunError('NEEDS_ROOT', `creating a container as user ${process.getuid?.()}: only root can, of a user namespace too`, {
      hint: 'call enterUserNamespace() before anything else, which makes root of an ordinary user',
    })
  const options = await withVolumesOfOthers(asked)
  const { store, image, name, imageName, remove = false, labels = {} } = options
  const record = await store.containers.create({
    remove,
    labels,
    mountedImages: await findImages(store, options.mounts),
    ...(options.rootfs === undefined && { options: { ...settingsOf(options) } }),
    ...(image !== undefined && { image }),
    ...(name !== undefined && { name }),
    ...(imageName !== undefined && { imageName }),
  })
  try {
    const bundle = store.paths.bundle(record.id)
    const stack = stackOf(options, bundle)
    requireStackable(stack.lowers, imageName ?? image?.id ?? 'its root')
    const places = { store, bundle, images: record.mountedImages ?? [] }
    const mounts = placeMounts(options.mounts, places)
    await makeRoomAboveImages(options.mounts, places)
    const spec = await makeBundle({ id: record.id, bundle, stack, mounts, options })
    await store.containers.writeState(record.id, stateOf(record, 'created'))
    await containerEvent(store, record, 'create')
    return containerOf({ store, record, stack, spec, mounts, options })
  } catch (error) {
    await store.containers.remove(record.id)
    throw error
  }
}

export function stateOf({ id, dir }: ContainerRecord, status: 'created' | 'running' | 'stopped') {
  return { ociVersion: OCI_VERSION, id, status, bundle: dir, cgroup: cgroupPath(id) }
}

function containerOf(parts: ContainerParts): Container {
  const { store, record, spec } = parts
  let isStarted = false
  const begin = () => {
    if (isStarted) throw new RunError('ALREADY_STARTED', `starting container ${record.name}: it was started already`)
    isStarted = true
  }
  return {
    id: record.id,
    name: record.name,
    spec,
    async start(options = {}) {
      begin()
      return await startContainer(parts, options)
    },
    async startDetached(options) {
      begin()
      const { startDetached } = await import('./start-detached.ts')
      return await store.containers.hold(record.id, () => startDetached(parts, options))
    },
    async remove() {
      await store.containers.remove(record.id)
    },
  }
}
