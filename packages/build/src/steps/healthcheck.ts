import type { HealthcheckInstruction } from '../instructions/healthcheck.ts'
import { withStep } from '../stage/stage-state.ts'
import type { MetadataStep } from '../stage/step-context.ts'

export const healthcheck: MetadataStep<HealthcheckInstruction> = ({ check, source }, { state }) =>
  withStep({ ...state, config: { ...state.config, Healthcheck: check } }, { text: source, created: state.created })
