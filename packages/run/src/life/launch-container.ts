import { type Cgroup, type Launched, launch, type StdioSource, type WindowSize } from '@gocker/kernel'
import type { RuntimeSpec } from '@gocker/oci'
import { RunError } from '../error.ts'
import { seccompFilter } from '../host/seccomp-filter.ts'
import type { PreparedNetworks } from '../network/prepare.ts'
import { toLaunchProgram } from '../program/launch-program.ts'
import { REPORTS } from '../program/monitor.ts'
import type { DetachedFacts, Stdio } from '../program/plan.ts'
import { type OpenImages, openImages } from '../rootfs/open-images.ts'
import { type OwnIds, takeOwnIds } from '../user-namespace/own-ids.ts'
import type { ContainerParts } from './container.ts'
import { launchError } from './launch-error.ts'
import { takeNetworks } from './networks.ts'
import { imagesOf, programFacts } from './program-facts.ts'

/** What a container's streams are connected to. */
export interface Plumbing {
  readonly kinds: readonly [Stdio, Stdio, Stdio]
  /** stdin, stdout and stderr. */
  readonly sources: readonly [StdioSource, StdioSource, StdioSource]
  /** More descriptors, by the names that the launch program has for them. */
  readonly descriptors: Readonly<Record<string, number>>
}

export interface LaunchContainerOptions {
  readonly plumbing: Plumbing
  readonly windowSize?: WindowSize | undefined
  /** For a container that goes on without this process. */
  readonly detached?: DetachedFacts
  /** Called when the start has failed, before the program's end is waited for: it may wait for us. */
  readonly onFailure?: () => void
}

/** A container's processes, as they have just been started. */
export interface LaunchedContainer {
  readonly launched: Launched
  /** Of its first process. */
  readonly pid: number
}

/**
 * Makes the program of a container, and starts it. Resolves when the command runs.
 * @throws {RunError} `NOT_FOUND_IN_CONTAINER`, `CANNOT_INVOKE`, `LAUNCH_FAILED`; then the program has ended
 */
export async function launchContainer(parts: ContainerParts, cgroup: Cgroup, options: LaunchContainerOptions): Promise<LaunchedContainer> {
  const { record, store } = parts
  const { plumbing, windowSize, detached, onFailure } = options
  const { seccomp } = parts.spec.linux
  const filter = seccomp === undefined ? undefined : await seccompFilter(seccomp, store.paths.run)
  const networks = await takeNetworks(parts)
  let images: OpenImages | undefined
  let own: OwnIds | undefined
  try {
    const inNetwork = networks?.namespace === undefined ? parts.spec : inNetworkOf(parts.spec, networks.namespace)
    own = await takeOwnIds(parts, inNetwork)
    const spec = own?.spec ?? inNetwork
    own?.giveStdio(plumbing)
    const launching = { cgroup, stdio: plumbing.kinds, windowSize, seccompFilter: filter, network: networks?.facts, detached }
    const program = toLaunchProgram(spec, { ...programFacts({ ...parts, spec, id: record.id }, launching), ...own?.facts })
    images = openImages(store, own === undefined ? imagesOf(parts) : [])
    const launched = await launch(program, {
      title: `gocker: ${record.name}`,
      stdio: plumbing.sources,
      descriptors: { ...plumbing.descriptors, ...networks?.descriptors, ...images.descriptors(program), ...own?.descriptors(program) },
      directory: store.paths.runDir(record.id),
      // Its own directory would keep a file system from being unmounted for as long as the container runs.
      ...(detached !== undefined && { detached: true, cwd: '/' }),
    })
    const pid = await untilItRuns(launched, spec.process.args, { networks, onFailure })
    images.announce(program, launched.pid)
    return { launched, pid }
  } catch (error) {
    await networks?.giveBack()
    throw error
  } finally {
    images?.close()
    own?.close()
    networks?.close()
  }
}

/** With the namespace that `config.json` only stands for. */
function inNetworkOf(spec: RuntimeSpec, path: string): RuntimeSpec {
  const namespaces = spec.linux.namespaces.map((namespace) => (namespace.type === 'network' ? { ...namespace, path } : namespace))
  return { ...spec, linux: { ...spec.linux, namespaces } }
}

/** The container's pid, once its command has taken the program's place. */
async function untilItRuns(
  launched: Launched,
  args: readonly string[],
  { networks, onFailure }: { networks: PreparedNetworks | undefined; onFailure: (() => void) | undefined },
): Promise<number> {
  try {
    const [pid = 0n] = await launched.report(REPORTS.started)
    await networks?.join(Number(pid))
    await launched.report(REPORTS.settled)
    return Number(pid)
  } catch (cause) {
    onFailure?.()
    // Who waits for its network ends.
    networks?.close()
    const { failure } = await launched.exited
    if (failure !== undefined) throw launchError(failure, args)
    if (cause instanceof RunError) throw cause
    throw new RunError('LAUNCH_FAILED', 'starting the container: its monitor was killed', { cause })
  }
}
