import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { createCgroup, type WindowSize } from '@gocker/kernel'
import type { RuntimeSpec } from '@gocker/oci'
import { makeDirectories } from '@gocker/store'
import { RunError } from '../error.ts'
import { cgroupPlace, refuseUnitProperties, withDefaultDevices } from './cgroup-place.ts'
import { readBundle } from './config/read-bundle.ts'
import { completeProcess, withSize } from './facts.ts'
import { placeOf, type RuntimeHome, type RuntimePlace } from './home.ts'
import { type Creation, launchFirst } from './launch-first.ts'
import { writeRecord } from './state.ts'

export interface RuntimeCreateOptions {
  readonly id: string
  /** The directory with `config.json`. */
  readonly bundle: string
  /** A Unix socket that gets the terminal's other side: its path, or the descriptor of one that is connected. */
  readonly consoleSocket?: string | number
  /** Of the terminal, where the bundle does not say it. */
  readonly windowSize?: WindowSize
  /** Gets the pid of the container's first process. */
  readonly pidFile?: string
  /** How many of this process's descriptors from 3 on the command gets. */
  readonly preserveFds?: number
  readonly noPivot?: boolean
  readonly noNewKeyring?: boolean
}

/**
 * Creates a container of a bundle: all is made, and its first process waits to be started. It is a child of this process, whose stdin, stdout
 * and stderr it has; and when this one ends a child of whoever looks after its orphans.
 * @returns the pid of its first process
 * @throws {RunError} `INVALID_SPEC`, `UNSUPPORTED`, `CONTAINER_EXISTS`, `HOOK_FAILED`, `NOT_FOUND_IN_CONTAINER`, `CANNOT_INVOKE`, `LAUNCH_FAILED`;
 *   {KernelError} for limits that cannot be held. Then nothing is left of it
 * @see https://github.com/opencontainers/runtime-spec/blob/main/runtime.md#create
 */
export async function createInRuntime(home: RuntimeHome, options: RuntimeCreateOptions): Promise<number> {
  const place = placeOf(home, options.id)
  const bundle = resolve(options.bundle)
  const asked = readBundle(bundle)
  checkTerminal(asked, options)
  if (home.systemdCgroup === true) refuseUnitProperties(asked.annotations)
  const cgroupsPath = cgroupPlace(home, place.id, asked.linux.cgroupsPath)
  const resources = withDefaultDevices(asked.linux.resources ?? {})
  const process = withSize(completeProcess(asked.process, asked.root.path), options.windowSize)
  const spec = { ...asked, process, linux: { ...asked.linux, cgroupsPath, resources } }
  claim(place)
  try {
    writeFileSync(place.config, JSON.stringify(spec), { mode: 0o600 })
    return await createIn({ home, place, spec, bundle, options })
  } catch (error) {
    rmSync(place.directory, { recursive: true, force: true })
    throw error
  }
}

function checkTerminal({ process: { terminal = false } }: RuntimeSpec, { consoleSocket }: RuntimeCreateOptions): void {
  if (terminal && consoleSocket === undefined)
    throw new RunError('INVALID_OPTION', 'creating a container with a terminal: --console-socket has to say who gets its other side')
  if (!terminal && typeof consoleSocket === 'string')
    throw new RunError('INVALID_OPTION', 'creating a container without a terminal: there is nothing to send to --console-socket')
}

/** Who makes the directory has the name. */
function claim({ directory, id }: RuntimePlace): void {
  makeDirectories(resolve(directory, '..'), 0o711)
  try {
    mkdirSync(directory, { mode: 0o700 })
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause
    throw new RunError('CONTAINER_EXISTS', `creating container ${id}: container with given ID already exists`)
  }
}

async function createIn(creation: Creation): Promise<number> {
  const { place, spec, bundle } = creation
  const { cgroupsPath = '', resources = {} } = spec.linux
  const cgroup = await createCgroup({ path: cgroupsPath, resources })
  const record = {
    ociVersion: spec.ociVersion,
    id: place.id,
    pid: 0,
    startTime: 0,
    bundle,
    rootfs: spec.root.path,
    created: new Date().toISOString(),
    cgroup: cgroup.path,
    owner: process.geteuid?.() ?? 0,
    ...(spec.annotations !== undefined && { annotations: spec.annotations }),
  }
  try {
    writeRecord(place, record)
    return await launchFirst(creation, cgroup, record)
  } catch (error) {
    await cgroup.kill()
    await cgroup.remove()
    throw error
  }
}
