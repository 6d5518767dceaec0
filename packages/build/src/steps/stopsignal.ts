import { KernelError, signalNumber } from '@gocker/kernel'
import { BuildError } from '../error.ts'
import type { StopSignalInstruction } from '../instructions/stopsignal.ts'
import { withStep } from '../stage/stage-state.ts'
import { expanded, type MetadataStep } from '../stage/step-context.ts'

export const stopsignal: MetadataStep<StopSignalInstruction> = (instruction, context) => {
  const { state } = context
  const StopSignal = expanded(instruction.signal, instruction, context)
  checkSignal(StopSignal, instruction)
  return withStep({ ...state, config: { ...state.config, StopSignal } }, { text: `STOPSIGNAL ${StopSignal}`, created: state.created })
}

function checkSignal(signal: string, { at }: StopSignalInstruction): void {
  try {
    signalNumber(signal)
  } catch (cause) {
    if (!(cause instanceof KernelError)) throw cause
    throw new BuildError('SYNTAX', `STOPSIGNAL: ${JSON.stringify(signal)} is no signal`, { at, cause })
  }
}
