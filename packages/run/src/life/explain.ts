import { compileSeccomp, explainProgram, hostArchitecture, openCgroup } from '@gocker/kernel'
import { filesOf } from '../files/write.ts'
import type { ContainerOptions } from '../options/container-options.ts'
import { isBridged } from '../options/network.ts'
import { toLaunchProgram } from '../program/launch-program.ts'
import type { DetachedFacts, ProgramFacts } from '../program/plan.ts'
import { LayerView } from '../rootfs/layer-view.ts'
import { type Stack, stackOf } from '../rootfs/layers.ts'
import { toRuntimeSpec } from '../spec/runtime-spec.ts'
import { findImages, placeMounts } from '../volumes/image-mounts.ts'
import { foreseeMounts } from '../volumes/resolve.ts'
import type { Caller } from './caller.ts'
import { findOut } from './find-out.ts'
import { programFacts } from './program-facts.ts'
import { detachedFacts } from './start-detached.ts'

/** Stands for the id that a container would get. */
const ID = 'e'.repeat(64)

export interface ExplainOptions {
  /** For a container that would go on without this process; see {@link DetachedOptions}. */
  readonly caller?: Caller
}

/**
 * The system calls that would make this container and run its command, one a row, with what each is for. Nothing is made or
 * started, and no right is needed but to read the image.
 * @throws as {@link createContainer} for options that cannot be read
 */
export async function explain(options: ContainerOptions, { caller }: ExplainOptions = {}): Promise<string> {
  const { store, name = 'example' } = options
  const bundle = store.paths.bundle(ID)
  const stack = stackOf(options, bundle)
  const facts = await found(options, stack)
  const images = (await findImages(store, options.mounts)).map(({ name, image }) => ({ name, layers: image.layers }))
  const placed = placeMounts(options.mounts, { store, bundle, images })
  const mounts = foreseeMounts(placed, { store, id: ID, config: stack.config })
  const spec = toRuntimeSpec({ ...facts, mounts, files: filesOf(bundle) })
  const cgroup = openCgroup(facts.cgroupsPath)
  const { seccomp } = spec.linux
  const seccompFilter = seccomp === undefined ? undefined : compileSeccomp(seccomp, hostArchitecture())
  const network = isBridged(options.network) ? { ports: 0 } : undefined
  const detached = caller === undefined ? undefined : detachedFacts({ store, id: ID, options }, caller)
  const launching = { cgroup, stdio: kindsOf(options, detached), windowSize: undefined, seccompFilter, network, detached }
  const program = toLaunchProgram(
    spec,
    programFacts({ store, id: ID, stack, spec, mounts: placed, options, record: { remove: options.remove ?? false } }, launching),
  )
  return `${head(name, spec.process.args, program.rows.length)}\n${explainProgram(program)}`
}

async function found(options: ContainerOptions, stack: Stack): ReturnType<typeof findOut> {
  const layers = options.store.layers.files()
  try {
    return await findOut({ id: ID, stack, options, view: new LayerView(layers.of(stack.lowers)) })
  } finally {
    layers.close()
  }
}

function kindsOf({ tty = false, stdin = false }: ContainerOptions, detached: DetachedFacts | undefined): ProgramFacts['stdio'] {
  if (tty) return ['null', 'null', 'null']
  const output = detached !== undefined && detached.log === undefined ? 'null' : 'pipe'
  return [stdin ? 'pipe' : 'null', output, output]
}

function head(name: string, args: readonly string[], rows: number): string {
  return `This is how container ${name} would run: ${args.join(' ')}

A container is an ordinary process that was started in an unusual way. What follows is that way: a program of ${rows} rows,
each of them one system call, made by gocker and walked by some hundred bytes of machine code. It begins as a child of
gocker (the monitor), makes the container's first process, and lets it take off, step by step, what it could see and do
of the host. The last row becomes the command. The pages of the manual are named on the right.
`
}
