import type { Command } from 'commander'
import { COMMANDS } from './command-table.ts'

/**
 * Adds commands of the table to a group: `container ls` is `ps`, as docker has it.
 * @param members the name in the group, and among all commands
 * @param words behind the group's name: the member that they call is loaded; the others are there for their lines in the help
 */
export async function addMembers(group: Command, members: Readonly<Record<string, string>>, words: readonly string[]): Promise<void> {
  const called = calledMember(words)
  // `container run` hands on the flags behind the image.
  group.enablePositionalOptions()
  const all = Object.values(COMMANDS).flat()
  for (const [name, original] of Object.entries(members)) {
    const entry = all.find((each) => each.name === original)
    if (entry === undefined) continue
    const command = group.command(name).summary(entry.summary).description(entry.summary)
    for (const alias of ALIASES[name] ?? []) command.alias(alias)
    const isCalled = called === EVERY || called === name || ALIASES[name]?.includes(called ?? '')
    if (isCalled) await (await entry.load()).define(command, words)
  }
}

/** The first word that is no flag. */
export function calledMember(words: readonly string[]): string | undefined {
  return words.find((word) => !word.startsWith('-'))
}

/** Called instead of one member: each is loaded, with all its flags. */
export const EVERY = '*'

/** Docker's other names. */
const ALIASES: Readonly<Record<string, readonly string[]>> = { ls: ['list', 'ps'], rm: ['remove'] }
