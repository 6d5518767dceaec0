import type { Cgroup, LaunchProgram } from '@gocker/kernel'
import type { RuntimeSpec } from '@gocker/oci'
import type { PlacedRequest } from '../options/mount-request.ts'

/** A launch program in the making: every part of it adds its rows. */
export interface Plan {
  readonly program: LaunchProgram
  readonly spec: RuntimeSpec
  readonly facts: ProgramFacts
}

/** As much of a plan as a part needs: a program that joins a container knows less than one that makes it. */
export interface PlanWith<Fact extends keyof ProgramFacts = never> {
  readonly program: LaunchProgram
  readonly spec: RuntimeSpec
  readonly facts: Pick<ProgramFacts, Fact>
}

/** What a launch program needs to know beside the spec, found out before. */
export interface ProgramFacts {
  /** Names the session keyring. */
  readonly id: string
  /** gocker's own process: the container ends with it. undefined: it stays. */
  readonly parent: number | undefined
  /** Instead of telling gocker: for a container that goes on without it. */
  readonly detached?: DetachedFacts
  readonly overlay: OverlayFacts
  /** Layers that are images, which the program is given the trees of. */
  readonly images?: readonly ImageFacts[] | undefined
  readonly cgroup: CgroupFacts
  /** What was asked for, by destination: how a mount's source comes to be is not all in the spec. */
  readonly requests: ReadonlyMap<string, PlacedRequest>
  /** Sources of bind mounts that are directories; all others are files. */
  readonly directories: ReadonlySet<string>
  /** Mounts that were made before, by destination: the names of the descriptors that they come by. */
  readonly mountsGiven?: ReadonlyMap<string, string>
  /** The root file system is made before, too. */
  readonly rootGiven?: true
  readonly stdio: readonly [stdin: Stdio, stdout: Stdio, stderr: Stdio]
  /** Of the terminal, when there is one. */
  readonly windowSize?: { readonly columns: number; readonly rows: number }
  /** Who gets the terminal's other side waits in read(2) and write(2) for it: what other runtimes give. */
  readonly terminalWaits?: boolean
  /** Of a container that waits for gocker to make its network. */
  readonly network?: NetworkFacts
  /** A small init is the first process. */
  readonly init: boolean
  /** An array of struct sock_filter. */
  readonly seccompFilter: Uint8Array | undefined
  /** The highest capability that the kernel knows. */
  readonly lastCapability: number
  /** gocker itself is in a user namespace, where it is root over what is its own and nobody to all else. */
  readonly inUserNamespace?: boolean
  /** There, the user's own id is the only one. */
  readonly singleId?: boolean
  /** Where the host has a device, if not where the container has it. */
  readonly devicePaths?: ReadonlyMap<string, string>
}

export interface ImageFacts {
  readonly directory: string
  /** The monitor keeps it mounted, for others to take copies. */
  readonly isShared: boolean
}

/** What the program is given where gocker makes the network. */
export interface NetworkFacts {
  /** How many sockets hold published ports. */
  readonly ports: number
}

/** What the monitor of a detached container does by itself. */
export interface DetachedFacts {
  /** undefined: what the container says is not kept. */
  readonly log: LogFacts | undefined
  /** Where the exit record goes. */
  readonly exitFile: string
  /** What takes the monitor's place at the end: tidies up, and applies the restart policy. */
  readonly cleanup: { readonly args: readonly string[]; readonly env: readonly string[] }
}

export interface LogFacts {
  readonly file: string
  /** Bytes past which the file becomes `<file>.1`, and a new one begins; 0: never. */
  readonly maxSize: number
  /** How many files there are at most, the newest included. */
  readonly maxFiles: number
}

/** `null`: the container's own /dev/null; `pipe`: made for this container; `given`: something of the caller's. */
export type Stdio = 'null' | 'pipe' | 'given'

export interface OverlayFacts extends Stacking {
  /** Where lower directories that are not absolute begin. */
  readonly base: string
  readonly upper: string
  readonly work: string
  /** What is written may be lost in a power failure. */
  readonly isVolatile?: boolean
}

/** An overlay: without upper and work it cannot be written. */
export interface Stacking {
  /** Top first. */
  readonly lowers: readonly string[]
  readonly upper?: string
  readonly work?: string
  /** An empty directory. */
  readonly mountPoint: string
}

/** Ways into the container's cgroup, which looks like the views from inside. */
export type CgroupFacts = Pick<Cgroup, 'entries' | 'views'>
