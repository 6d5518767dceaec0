import type { RuntimeHooks } from '@gocker/oci'
import type { Plan, ProgramFacts } from '../../program/plan.ts'

export interface RuntimePlan extends Plan {
  readonly facts: RuntimeFacts
}

/** What the program of a container has to know that follows the runtime spec, beside the spec. */
export interface RuntimeFacts extends ProgramFacts {
  /** How many of the caller's descriptors from 3 on the command gets. */
  readonly preserved: number
  /** Where the host's root cannot be changed. */
  readonly noPivot: boolean
  /** The container uses the caller's session keyring. */
  readonly noNewKeyring: boolean
  /** How long the state is that an agent gets with the descriptor by which the filter asks it. */
  readonly noticeSize?: number
}

/** What the program is given beside stdio, by its names. */
export const DESCRIPTORS = {
  /** A Unix socket that listens: who connects starts the command. */
  start: 'socket that starts it',
  /** The state as JSON, for hooks that run before it is created, and after. */
  creating: 'state while it is created',
  created: 'state before it is started',
  /** The read end of a pipe: a byte says that the hooks of the host have run, and that there is a state. */
  gate: 'gate',
  /** A Unix socket: who listens there answers system calls. */
  agent: 'socket of the agent',
  /** What it is told, as JSON. */
  notice: 'state for the agent',
} as const

export const GATED: readonly (keyof RuntimeHooks)[] = ['prestart', 'createRuntime', 'createContainer', 'startContainer']
