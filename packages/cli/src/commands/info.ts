import { layerFormatHere } from '@gocker/pull'
import { type MachineFacts, machineFacts, type Obstacle, obstaclesFor } from '@gocker/run'
import { openStore, type Store } from '@gocker/store'
import type { Command } from 'commander'
import { formattedDocument } from '../format/documents.ts'
import { binarySize } from '../terminal/amounts.ts'
import { VERSION } from '../version.ts'
import { viewContainers } from '../views/container.ts'
import { cgroupText, cgroupVersion } from '../views/machine.ts'

export function define(command: Command): void {
  command
    .option('-f, --format <format>', 'json, or a template such as {{.CgroupVersion}}')
    .addHelpText('after', "\nExamples:\n  gocker info\n  gocker info --format '{{.ContainersRunning}} of {{.Containers}} run'")
    .action(showInfo)
}

async function showInfo({ format }: { readonly format?: string }): Promise<void> {
  const store = await openStore()
  const facts = machineFacts()
  const counts = await countsOf(store)
  const document = { ...counts, ...documentOf(facts, store), LayerFormat: await layersOf(store) }
  process.stdout.write(format === undefined ? `${lines(facts, document).join('\n')}\n` : await formattedDocument(document, format))
}

/** What new layers become; a store that nothing can be written in gets none. */
async function layersOf(store: Store) {
  try {
    const { form, why } = await layerFormatHere(store)
    return { Format: form, Reason: why }
  } catch (error) {
    return { Format: 'none', Reason: (error as Error).message }
  }
}

async function countsOf(store: Store) {
  const views = await viewContainers(store)
  const count = (...statuses: string[]) => views.filter(({ now }) => statuses.includes(now.status)).length
  return {
    Containers: views.length,
    ContainersRunning: count('running', 'restarting'),
    ContainersPaused: count('paused'),
    ContainersStopped: count('created', 'exited', 'dead'),
    Images: (await store.images.list()).length,
  }
}

function documentOf(facts: MachineFacts, { paths }: Store) {
  const has = (name: string) => facts.cgroups.some((each) => each.name === name)
  return {
    ServerVersion: VERSION,
    Driver: 'overlay2',
    DriverStatus: ['overlay', 'erofs'].map((name) => [name, `${facts.fileSystems.includes(name)}`]),
    MemoryLimit: has('memory'),
    SwapLimit: facts.limitsSwap,
    CPUShares: has('cpu'),
    CPUSet: has('cpuset'),
    PidsLimit: has('pids'),
    IPv4Forwarding: facts.forwardsIpv4,
    CgroupDriver: 'cgroupfs',
    CgroupVersion: cgroupVersion(facts),
    CgroupControllers: facts.cgroups.map(({ name, version }) => ({ Name: name, Version: version })),
    Namespaces: facts.namespaces,
    SecurityOptions: facts.seccomp ? ['name=seccomp,profile=builtin', 'name=cgroupns'] : ['name=cgroupns'],
    KernelVersion: facts.kernel,
    OperatingSystem: facts.distribution,
    OSType: process.platform,
    Architecture: facts.architecture,
    NCPU: facts.processors,
    MemTotal: facts.memory,
    PidsMax: facts.mostProcesses,
    Name: facts.hostname,
    DockerRootDir: paths.root,
    RunDir: paths.run,
    NodeVersion: process.version,
    Warnings: [
      ...warningsOf(facts),
      ...obstacles().map(({ prevents, what, mend }) => `${WITHOUT[prevents]}: ${what}; to mend it: ${mend}`),
    ],
  }
}

const WITHOUT: Readonly<Record<Obstacle['prevents'], string>> = {
  namespace: 'this user cannot run containers',
  ids: "one user id in this user's containers",
  network: "no network of their own for this user's containers",
  limits: "no limits for this user's containers",
}

/** What stands in an ordinary user's way. */
function obstacles(): Obstacle[] {
  const uid = process.getuid?.() ?? 0
  return uid === 0 ? [] : obstaclesFor(uid)
}

/** What containers will have to do without. */
function warningsOf(facts: MachineFacts): string[] {
  const missing = ['cpu', 'cpuset', 'memory', 'pids'].filter((name) => !facts.cgroups.some((each) => each.name === name))
  return [
    ...missing.map((name) => `no cgroup controller ${name}: its limits cannot be held`),
    ...(facts.limitsSwap ? [] : ['no limit of swap']),
    ...(facts.seccomp ? [] : ['no seccomp: system calls are not filtered']),
  ]
}

type Document = Awaited<ReturnType<typeof countsOf>> & ReturnType<typeof documentOf> & { LayerFormat: Awaited<ReturnType<typeof layersOf>> }

function lines(facts: MachineFacts, document: Document): string[] {
  return [
    `Version: ${VERSION} (Node.js ${process.version})`,
    `Containers: ${document.Containers}`,
    ` Running: ${document.ContainersRunning}`,
    ` Paused: ${document.ContainersPaused}`,
    ` Stopped: ${document.ContainersStopped}`,
    `Images: ${document.Images}`,
    `Storage: overlay${facts.fileSystems.includes('erofs') ? ', erofs' : ''}`,
    `Layers: ${document.LayerFormat.Format} (${document.LayerFormat.Reason})`,
    `Cgroups: ${cgroupText(facts)}`,
    `Namespaces: ${facts.namespaces.join(', ')}`,
    `Seccomp: ${facts.seccomp ? 'builtin profile' : 'none'}`,
    `Kernel: ${facts.kernel}`,
    `Operating system: ${facts.distribution}`,
    `Architecture: ${facts.architecture}`,
    `CPUs: ${facts.processors}`,
    `Memory: ${binarySize(facts.memory)}`,
    `Processes at most: ${facts.mostProcesses}`,
    `Name: ${facts.hostname}`,
    `Store: ${document.DockerRootDir}`,
    `Run directory: ${document.RunDir}`,
    ...document.Warnings.map((warning) => `WARNING: ${warning}`),
  ]
}
