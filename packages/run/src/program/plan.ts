import type { Cgroup, LaunchProgram } from '@gocker/kernel'
import type { RuntimeSpec } from '@gocker/oci'
import type { MountRequest } from '../options/mount-request.ts'

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
  readonly overlay: OverlayFacts
  readonly cgroup: CgroupFacts
  /** What was asked for, by destination: how a mount's source comes to be is not all in the spec. */
  readonly requests: ReadonlyMap<string, MountRequest>
  /** Sources of bind mounts that are directories; all others are files. */
  readonly directories: ReadonlySet<string>
  readonly stdio: readonly [stdin: Stdio, stdout: Stdio, stderr: Stdio]
  /** Of the terminal, when there is one. */
  readonly windowSize?: { readonly columns: number; readonly rows: number }
  /** A small init is the first process. */
  readonly init: boolean
  /** An array of struct sock_filter. */
  readonly seccompFilter: Uint8Array | undefined
  /** The highest capability that the kernel knows. */
  readonly lastCapability: number
}

/** `null`: the container's own /dev/null; `pipe`: made for this container; `given`: something of the caller's. */
export type Stdio = 'null' | 'pipe' | 'given'

export interface OverlayFacts extends Stacking {
  /** Where lower directories that are not absolute begin. */
  readonly base: string
  readonly upper: string
  readonly work: string
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
