import type { OnbuildInstruction } from '../instructions/onbuild.ts'
import { withStep } from '../stage/stage-state.ts'
import type { Step } from '../stage/step-context.ts'

export const onbuild: Step<OnbuildInstruction> = ({ trigger }, { state }) => {
  const OnBuild = [...(state.config.OnBuild ?? []), trigger]
  return withStep({ ...state, config: { ...state.config, OnBuild } }, { text: `ONBUILD ${trigger}`, created: state.created })
}
