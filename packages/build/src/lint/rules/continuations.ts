import type { Rule } from '../rule.ts'

export const noEmptyContinuation: Rule = {
  name: 'NoEmptyContinuation',
  check: ({ emptyContinuations }) =>
    emptyContinuations.map((at) => ({ at, text: 'an empty line stands inside a continued instruction; Docker will refuse that one day' })),
}
