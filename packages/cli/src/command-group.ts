import type { Command } from 'commander'
import { COMMANDS } from './command-table.ts'

/**
 * Adds commands of the table to a group: `container ls` is `ps`, as docker has it.
 * @param members the name in the group, and among all commands
 * @param called the one that is loaded; the others are there for their lines in the help
 */
export async function addMembers(group: Command, members: Readonly<Record<string, string>>, called: string | undefined): Promise<void> {
  // `container run` hands on the flags behind the image.
  group.enablePositionalOptions()
  const all = Object.values(COMMANDS).flat()
  for (const [name, original] of Object.entries(members)) {
    const entry = all.find((each) => each.name === original)
    if (entry === undefined) continue
    const command = group.command(name).summary(entry.summary).description(entry.summary)
    for (const alias of ALIASES[name] ?? []) command.alias(alias)
    const isCalled = called === EVERY || called === name || ALIASES[name]?.includes(called ?? '')
    if (isCalled) await (await entry.load()).define(command, [])
  }
}

/** Called instead of one member: each is loaded. */
export const EVERY = '*'

/** Docker's other names. */
const ALIASES: Readonly<Record<string, readonly string[]>> = { ls: ['list', 'ps'], rm: ['remove'] }
