import type { OnbuildInstruction } from '../instructions/onbuild.ts'
import type { MetadataStep } from '../stage/step-context.ts'

/** Kept for the builds on this image; this one is as it was, and its history too. */
export const onbuild: MetadataStep<OnbuildInstruction> = ({ trigger }, { state }) => {
  const OnBuild = [...(state.config.OnBuild ?? []), trigger]
  return { ...state, config: { ...state.config, OnBuild } }
}
