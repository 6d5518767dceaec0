import type { Command } from 'commander'
import { bashCompletion } from '../completion/bash.ts'
import { fishCompletion } from '../completion/fish.ts'
import { type CompletedCommand, completedCommands } from '../completion/model.ts'
import { zshCompletion } from '../completion/zsh.ts'

const SHELLS: Readonly<Record<string, (commands: readonly CompletedCommand[]) => string>> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
}

export function define(command: Command): void {
  command
    .addArgument(command.createArgument('<shell>', 'which one').choices(Object.keys(SHELLS)))
    .addHelpText('after', '\nExamples:\n  source <(gocker completion bash)\n  gocker completion fish | source')
    .action(printCompletion)
}

async function printCompletion(shell: string): Promise<void> {
  process.stdout.write(SHELLS[shell]?.(await completedCommands()) ?? '')
}
