import type { StageInstruction } from '../../language/gockerfile.ts'
import type { Rule } from '../rule.ts'

/** Words of a name, between underscores. */
const SECRET = ['apikey', 'auth', 'credential', 'credentials', 'key', 'password', 'pword', 'passwd', 'secret', 'token']
const HARMLESS = ['public', 'file', 'version']

export const secretsUsedInArgOrEnv: Rule = {
  name: 'SecretsUsedInArgOrEnv',
  check: ({ stages }) =>
    stages.flatMap(({ instructions }) =>
      instructions.flatMap(({ instruction }) =>
        namesOf(instruction)
          .filter(isSecret)
          .map((name) => ({
            at: instruction.at,
            text: `${instruction.kind} ${name} looks like a secret, and everyone who has the image can read it: use RUN --mount=type=secret`,
          })),
      ),
    ),
}

function namesOf(instruction: StageInstruction): string[] {
  if (instruction.kind === 'ENV') return instruction.pairs.map(({ name }) => name)
  return instruction.kind === 'ARG' ? instruction.args.map(({ name }) => name) : []
}

function isSecret(name: string): boolean {
  const words = name.toLowerCase().split('_')
  return words.some((word) => SECRET.includes(word)) && !words.some((word) => HARMLESS.includes(word))
}
