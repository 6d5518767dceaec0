import { OciError, type Platform, parsePlatform } from '@gocker/oci'
import type { Finding, Rule } from '../rule.ts'

export const redundantTargetPlatform: Rule = {
  name: 'RedundantTargetPlatform',
  check: ({ stages }) =>
    stages.flatMap(({ from: { instruction } }) => {
      const { platform, at } = instruction
      if (platform === undefined || !/^\$(?:TARGETPLATFORM|\{TARGETPLATFORM\})$/.test(platform)) return []
      return [{ at, text: `--platform=${platform} says what is so without it` }]
    }),
}

export const fromPlatformFlagConstDisallowed: Rule = {
  name: 'FromPlatformFlagConstDisallowed',
  check: ({ stages }) => stages.flatMap(({ from: { instruction } }) => constantPlatform(instruction)),
}

/** A stage whose name says the platform is meant so. */
function constantPlatform({ platform, name = '', at }: { platform?: string; name?: string; at: Finding['at'] }): Finding[] {
  if (platform === undefined || platform.includes('$')) return []
  const constant = readable(platform)
  if (constant === undefined || name.includes(constant.os) || name.includes(constant.architecture)) return []
  return [{ at, text: `--platform=${platform} ties the stage to one platform: use a variable, or say it when you build` }]
}

/** What is no platform is refused by the build. */
function readable(platform: string): Platform | undefined {
  try {
    return parsePlatform(platform)
  } catch (error) {
    if (error instanceof OciError) return undefined
    throw error
  }
}
