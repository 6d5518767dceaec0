import type { Rule } from '../rule.ts'
import { consistentInstructionCasing, fromAsCasing, stageNameCasing } from './casing.ts'
import { jsonArgsRecommended, multipleInstructionsDisallowed } from './commands.ts'
import { noEmptyContinuation } from './continuations.ts'
import { copyIgnoredFile } from './copies.ts'
import { legacyKeyValueFormat, maintainerDeprecated } from './deprecated.ts'
import { exposeInvalidFormat, exposeProtoCasing } from './expose.ts'
import { fromPlatformFlagConstDisallowed, redundantTargetPlatform } from './from-platform.ts'
import { invalidDefaultArgInFrom, undefinedArgInFrom } from './from-variables.ts'
import { secretsUsedInArgOrEnv } from './secrets.ts'
import { duplicateStageName, reservedStageName } from './stage-names.ts'
import { undefinedVar } from './variables.ts'
import { workdirRelativePath } from './workdir.ts'

export const RULES: readonly Rule[] = [
  ...[stageNameCasing, fromAsCasing, noEmptyContinuation, consistentInstructionCasing, duplicateStageName, reservedStageName],
  ...[jsonArgsRecommended, maintainerDeprecated, undefinedArgInFrom, workdirRelativePath, undefinedVar],
  ...[multipleInstructionsDisallowed, legacyKeyValueFormat, redundantTargetPlatform, secretsUsedInArgOrEnv],
  ...[invalidDefaultArgInFrom, fromPlatformFlagConstDisallowed, copyIgnoredFile, exposeProtoCasing, exposeInvalidFormat],
]
