import { isRefusal } from '../refusal.ts'
import type { NetlinkSocket } from '../socket.ts'
import { commitChanges } from './commit-changes.ts'
import { currentGeneration } from './generation.ts'
import type { TableName } from './message.ts'
import { deleteRule, type ListedRule, listRules } from './rules.ts'

const TRIES = 100

/**
 * Deletes those of a table's rules that `which` picks, by their comments mostly, all at once. Others may change rules meanwhile: what
 * is picked is then looked for anew.
 * @returns how many they were; 0 where there is no such table
 * @throws {KernelError} `ERESTART` where others never stopped changing rules
 */
export function removeRules(socket: NetlinkSocket<'netfilter'>, table: TableName, which: (rule: ListedRule) => boolean): number {
  for (let left = TRIES; ; left--) {
    const generation = currentGeneration(socket)
    const picked = listRules(socket, table).filter(which)
    try {
      commitChanges(
        socket,
        picked.map((rule) => deleteRule(table, rule)),
        { generation },
      )
      return picked.length
    } catch (error) {
      if (left === 0 || !isRefusal(error, 'ERESTART', 'ENOENT')) throw error
    }
  }
}
