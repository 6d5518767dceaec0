import type { Rule } from '../rule.ts'
import { valueIn } from '../scope.ts'

export const workdirRelativePath: Rule = {
  name: 'WorkdirRelativePath',
  check: ({ stages, escape }) =>
    stages.flatMap(({ instructions }) =>
      instructions.flatMap(({ instruction, scope }) => {
        if (instruction.kind !== 'WORKDIR' || scope.hasWorkdir) return []
        const path = valueIn(scope, instruction.path, escape)
        // A path of unknown variables may be anything.
        if (path.startsWith('/') || (instruction.path.startsWith('$') && !scope.isComplete)) return []
        return [{ at: instruction.at, text: `${path} is below whatever WORKDIR the base image has today: begin it with /` }]
      }),
    ),
}
