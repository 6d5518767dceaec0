import type { OnbuildInstruction } from '../instructions/onbuild.ts'
import type { Step } from '../stage/step-context.ts'

/** Kept for the builds on this image; this one is as it was, and its history too. */
export const onbuild: Step<OnbuildInstruction> = ({ trigger }, { state }) => {
  const OnBuild = [...(state.config.OnBuild ?? []), trigger]
  return { ...state, config: { ...state.config, OnBuild } }
}
