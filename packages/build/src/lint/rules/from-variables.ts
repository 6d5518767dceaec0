import { OciError, parseReference } from '@gocker/oci'
import { suggestion } from '../../language/suggestion.ts'
import type { Rule } from '../rule.ts'
import { undeclaredIn, valueIn } from '../scope.ts'

export const undefinedArgInFrom: Rule = {
  name: 'UndefinedArgInFrom',
  check: ({ stages, globalNames, escape }) =>
    stages.flatMap(({ from: { instruction } }) => {
      const texts = [instruction.base, instruction.platform ?? '']
      return texts.flatMap((text) =>
        undeclaredIn(text, globalNames, escape).map((name) => {
          const meant = suggestion(name, [...globalNames])
          const more = meant === undefined ? '' : ` (did you mean ${meant}?)`
          return { at: instruction.at, text: `no ARG before the first FROM declares ${name}${more}` }
        }),
      )
    }),
}

export const invalidDefaultArgInFrom: Rule = {
  name: 'InvalidDefaultArgInFrom',
  check: ({ stages, defaults, escape }) =>
    stages.flatMap(({ from: { instruction } }) => {
      const { base, at } = instruction
      if (!base.includes('$') || isReference(valueIn({ variables: defaults }, base, escape))) return []
      return [{ at, text: `${base} names no image unless --build-arg gives a value: give the ARG a default` }]
    }),
}

function isReference(text: string): boolean {
  try {
    parseReference(text)
    return true
  } catch (error) {
    if (error instanceof OciError) return false
    throw error
  }
}
