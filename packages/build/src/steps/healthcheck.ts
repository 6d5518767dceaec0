import type { HealthcheckInstruction } from '../instructions/healthcheck.ts'
import { withStep } from '../stage/stage-state.ts'
import type { Step } from '../stage/step-context.ts'

export const healthcheck: Step<HealthcheckInstruction> = ({ check, source }, { state }) =>
  withStep({ ...state, config: { ...state.config, Healthcheck: check } }, { text: source, created: state.created })
