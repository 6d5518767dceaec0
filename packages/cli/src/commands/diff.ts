import { containerChanges, type FileChange } from '@gocker/run'
import { openStore } from '@gocker/store'
import type { Command } from 'commander'

const LETTERS: Readonly<Record<FileChange['kind'], string>> = { added: 'A', changed: 'C', deleted: 'D' }

export function define(command: Command): void {
  command
    .argument('<container>', 'name or id')
    .addHelpText('after', '\nA: added, C: changed, D: deleted. What is mounted in a container is left out.\n\nExample:\n  gocker diff web')
    .action(showChanges)
}

async function showChanges(name: string): Promise<void> {
  const { changes } = await containerChanges(await openStore(), name)
  process.stdout.write(changes.map(({ kind, path }) => `${LETTERS[kind]} ${path}\n`).join(''))
}
