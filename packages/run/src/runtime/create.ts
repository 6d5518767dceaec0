import { closeSync, mkdirSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { resolve } from 'node:path'
import {
  type Cgroup,
  connectUnix,
  createCgroup,
  type Launched,
  type LaunchProgram,
  launch,
  listenUnix,
  memfd,
  pipe,
  processStartTime,
} from '@gocker/kernel'
import type { RuntimeSpec } from '@gocker/oci'
import { makeDirectories } from '@gocker/store'
import { RunError } from '../error.ts'
import { launchError } from '../life/launch-error.ts'
import { REPORTS } from '../program/monitor.ts'
import { CONSOLE_DESCRIPTOR } from '../program/terminal.ts'
import { cgroupPlace, withDefaultDevices } from './cgroup-place.ts'
import { readBundle } from './config/read-bundle.ts'
import { completeProcess, runtimeFacts } from './facts.ts'
import { placeOf, type RuntimeHome, type RuntimePlace } from './home.ts'
import { hookFailed, runHostHooks } from './host-hooks.ts'
import { MountsGiven } from './mounts-given.ts'
import { CREATED, toCreateProgram } from './program/create-program.ts'
import { preservedDescriptor } from './program/descriptors.ts'
import { HOOK_FAILED } from './program/hooks.ts'
import { DESCRIPTORS } from './program/plan.ts'
import { writeRows } from './rows.ts'
import { hookState, type RuntimeRecord, writeRecord, writeWhole } from './state.ts'

export interface RuntimeCreateOptions {
  readonly id: string
  /** The directory with `config.json`. */
  readonly bundle: string
  /** A Unix socket that gets the terminal's other side. */
  readonly consoleSocket?: string
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
  const cgroupsPath = cgroupPlace(home, place.id, asked.linux.cgroupsPath)
  const resources = withDefaultDevices(asked.linux.resources ?? {})
  const process = completeProcess(asked.process, asked.root.path)
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
  if (!terminal && consoleSocket !== undefined)
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

interface Creation {
  readonly home: RuntimeHome
  readonly place: RuntimePlace
  readonly spec: RuntimeSpec
  readonly bundle: string
  readonly options: RuntimeCreateOptions
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
    return await launchIn(creation, cgroup, record)
  } catch (error) {
    await cgroup.kill()
    await cgroup.remove()
    throw error
  }
}

async function launchIn(creation: Creation, cgroup: Cgroup, record: RuntimeRecord): Promise<number> {
  const { home, place, spec, options } = creation
  const { preserveFds = 0, noPivot = false, noNewKeyring = false } = options
  const flags = { preserved: preserveFds, noPivot, noNewKeyring }
  const mounts = await MountsGiven.make(spec)
  try {
    const facts = { ...(await runtimeFacts(spec, { home, id: place.id, cgroup, ...flags })), mountsGiven: mounts.names }
    return await launchProgram(toCreateProgram(spec, facts), { creation, record, mounts })
  } finally {
    mounts.close()
  }
}

interface Prepared {
  readonly creation: Creation
  readonly record: RuntimeRecord
  readonly mounts: MountsGiven
}

async function launchProgram(program: LaunchProgram, { creation, record, mounts }: Prepared): Promise<number> {
  const { place } = creation
  const given = new Given(program.descriptors, creation)
  try {
    const failed: (readonly bigint[])[] = []
    const launched = await launch(program, {
      title: `gocker-runtime: ${place.id}`,
      stdio: [0, 1, 2],
      descriptors: { ...given.descriptors, ...mounts.descriptors },
      directory: place.directory,
      cwd: '/',
      onMessage: (message) => message.type === 'report' && message.name === HOOK_FAILED && failed.push(message.values),
    })
    given.closeTheirs()
    writeRows(place, program)
    return await untilCreated(launched, { creation, record, given, failed })
  } finally {
    given.close()
  }
}

interface Launching {
  readonly creation: Creation
  readonly record: RuntimeRecord
  readonly given: Given
  readonly failed: readonly (readonly bigint[])[]
}

async function untilCreated(launched: Launched, { creation, record, given, failed }: Launching): Promise<number> {
  const { place, spec, options } = creation
  try {
    const [number = 0n] = await launched.report(REPORTS.started)
    const pid = Number(number)
    const known = { ...record, pid, startTime: processStartTime(pid) ?? 0 }
    writeRecord(place, known)
    await passGate(spec, known, given)
    await launched.report(CREATED)
    if (options.pidFile !== undefined) writeWhole(resolve(options.pidFile), `${pid}`)
    launched.release()
    return pid
  } catch (cause) {
    given.close()
    if (cause instanceof RunError) throw cause
    const { failure } = await launched.exited
    if (failure !== undefined) throw launchError(failure, spec.process.args)
    const [[index = 0n, status = 0n] = []] = failed
    if (failed.length > 0) throw programHookFailed(spec, { index: Number(index), status: Number(status) })
    throw new RunError('LAUNCH_FAILED', 'creating the container: its first process was killed', { cause })
  }
}

/** The hooks of the host run between the making of the namespaces and the change of the root. */
async function passGate({ hooks = {} }: RuntimeSpec, record: RuntimeRecord, given: Given): Promise<void> {
  const state = hookState(record, 'creating')
  await runHostHooks('prestart', hooks.prestart, state)
  await runHostHooks('createRuntime', hooks.createRuntime, state)
  given.openGate({ creating: state, created: hookState(record, 'created') })
}

/** @param failed.status a raw wait status, or -1 for one that took too long */
export function programHookFailed({ hooks = {} }: RuntimeSpec, { index, status }: { index: number; status: number }): RunError {
  const { createContainer = [], startContainer = [] } = hooks
  const kind = index < createContainer.length ? 'createContainer' : 'startContainer'
  const { path = '' } = [...createContainer, ...startContainer][index] ?? {}
  if (status === -1) return hookFailed({ kind, path, why: 'it took too long' })
  const signal = status & 0x7f
  return hookFailed({ kind, path, why: signal === 0 ? `exit status ${status >> 8}` : `killed by signal ${signal}` })
}

/** What the program is given, and this process's ends of it. */
class Given {
  readonly descriptors: Record<string, number> = {}
  readonly #gate: ReturnType<typeof pipe> | undefined
  readonly #open = new Set<number>()

  constructor(names: readonly string[], { place, options }: Creation) {
    const { preserveFds = 0, consoleSocket = '' } = options
    for (let index = 0; index < preserveFds; index++) this.descriptors[preservedDescriptor(index)] = 3 + index
    try {
      this.#give(DESCRIPTORS.start, listenUnix(place.start))
      for (const name of [DESCRIPTORS.creating, DESCRIPTORS.created]) if (names.includes(name)) this.#give(name, memfd('state'))
      if (names.includes(CONSOLE_DESCRIPTOR)) this.#give(CONSOLE_DESCRIPTOR, connectUnix(resolve(consoleSocket)))
      if (names.includes(DESCRIPTORS.gate)) {
        this.#gate = pipe()
        this.#give(DESCRIPTORS.gate, this.#gate.read)
        this.#open.add(this.#gate.write)
      }
    } catch (error) {
      this.close()
      throw error
    }
  }

  /** Lets the program go on, with the states for the hooks that it runs. */
  openGate(states: { readonly creating: string; readonly created: string }): void {
    if (this.#gate === undefined) return
    for (const [name, state] of [
      [DESCRIPTORS.creating, states.creating],
      [DESCRIPTORS.created, states.created],
    ] as const) {
      const file = this.descriptors[name]
      if (file !== undefined) writeSync(file, state)
    }
    writeSync(this.#gate.write, 'g')
  }

  /** After the start: whoever waits at the gate sees then that this process is gone. */
  closeTheirs(): void {
    for (const name of [DESCRIPTORS.start, DESCRIPTORS.gate, CONSOLE_DESCRIPTOR]) this.#close(this.descriptors[name])
  }

  close(): void {
    for (const fd of this.#open) this.#close(fd)
  }

  #give(name: string, fd: number): void {
    this.descriptors[name] = fd
    this.#open.add(fd)
  }

  #close(fd: number | undefined): void {
    if (fd !== undefined && this.#open.delete(fd)) closeSync(fd)
  }
}
