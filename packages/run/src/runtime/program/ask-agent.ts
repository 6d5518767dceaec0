import { at, slot, struct } from '@gocker/kernel'
import { RunError } from '../../error.ts'
import { PassedDescriptor } from '../../program/passed-descriptor.ts'
import type { PlanWith } from '../../program/plan.ts'
import { seccomp } from '../../program/seccomp.ts'

/** The numbers of what the program needs to tell an agent; see `DESCRIPTORS`. */
export interface AgentDescriptors {
  readonly agent: number
  readonly notice: number
  /** Of the notice, in bytes, at most. */
  readonly noticeSize: number
}

/**
 * A filter whose agent gets the descriptor by which it is asked, and what there is to know of the process.
 * @see https://github.com/opencontainers/runtime-spec/blob/main/config-linux.md#containerprocessstate
 */
export class AskingFilter {
  readonly #plan: PlanWith<'seccompFilter'>
  readonly #descriptors: AgentDescriptors
  readonly #passed = new PassedDescriptor()
  #installed = 0

  constructor(plan: PlanWith<'seccompFilter'>, descriptors: AgentDescriptors) {
    this.#plan = plan
    this.#descriptors = descriptors
  }

  /** From here on calls may have to wait for an answer. */
  install(): void {
    seccomp(this.#plan, this.#passed.number)
    this.#installed = this.#plan.program.rows.length
  }

  /**
   * Once the notice is written.
   * @param options.install whether the filter comes only now: behind it nothing is done but to send
   * @throws {RunError} `UNSUPPORTED` for a filter that asks for calls before anybody could answer
   */
  tell({ install }: { install: boolean }): void {
    const { program } = this.#plan
    const { agent, notice, noticeSize } = this.#descriptors
    const text = slot('notice for the agent', noticeSize)
    const data = struct([text, 0])
    const args = [notice, text, noticeSize, 0]
    program.row({ name: 'read what the agent is told', call: 'pread64', args, result: at(data, 8), isolates: 'seccomp: who is asked' })
    if (install) this.install()
    this.#passed.send(program, { name: 'send it to the agent', socket: agent, data })
    for (const fd of [agent, notice]) program.row({ name: 'let go of the agent', call: 'close', args: [fd] })
    this.#checkAsked()
  }

  #checkAsked(): void {
    const { program, spec } = this.#plan
    const asked = new Set((spec.linux.seccomp?.syscalls ?? []).filter(({ action }) => action === NOTIFY).flatMap(({ names }) => names))
    // Behind these the agent has it: it can answer when the program lets go of what it needed.
    const unanswered = program.rows.slice(this.#installed, -3).find((row) => row.kind === 'call' && asked.has(row.call))
    if (unanswered?.kind !== 'call') return
    const why = `gocker itself calls it to "${unanswered.name}", and nobody would answer`
    throw new RunError('UNSUPPORTED', `doing linux.seccomp: ${NOTIFY} for ${unanswered.call}: ${why}`)
  }
}

const NOTIFY = 'SCMP_ACT_NOTIFY'
