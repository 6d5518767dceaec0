import type { Rule } from '../rule.ts'

const RESERVED = ['context', 'scratch']

export const duplicateStageName: Rule = {
  name: 'DuplicateStageName',
  check: ({ stages }) =>
    stages.flatMap(({ from: { instruction } }, index) => {
      const first = stages.slice(0, index).find(({ from }) => from.instruction.name === instruction.name)
      if (instruction.name === undefined || first === undefined) return []
      return [{ at: instruction.at, text: `a stage named ${instruction.name} stands in line ${first.from.instruction.at.line} already` }]
    }),
}

export const reservedStageName: Rule = {
  name: 'ReservedStageName',
  check: ({ stages }) =>
    stages.flatMap(({ from: { instruction } }) => {
      if (instruction.name === undefined || !RESERVED.includes(instruction.name)) return []
      return [{ at: instruction.at, text: `${instruction.name} means something of its own, and should not name a stage` }]
    }),
}
