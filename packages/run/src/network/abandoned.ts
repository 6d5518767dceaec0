import { existsSync } from 'node:fs'
import { deleteLink, inUserNamespace, listLinks, removeRules } from '@gocker/kernel'
import { type Machine, TABLE } from './machine.ts'

/** What a bridge of gocker's is called for people: whose it is, and of which store. */
const ALIAS = /^gocker (\w{12}) .* of (\/.*)$/

/**
 * Removes idle bridges of stores that are gone: a directory that held one for a while, in a test or a build machine, takes no link along.
 * Its name for a bridge may be found wrong, were the store in another view of the file system: an idle bridge is made again when it is needed.
 */
export function removeAbandoned({ route, netfilter }: Machine): void {
  // The machine's links are not an ordinary user's to remove.
  if (inUserNamespace()) return
  const links = listLinks(route)
  const used = new Set(links.map(({ master }) => master))
  const gone = new Set<string>()
  for (const { alias = '', index, kind } of links) {
    const [, network, root = '/'] = ALIAS.exec(alias) ?? []
    if (network === undefined || kind !== 'bridge' || used.has(index) || existsSync(root)) continue
    deleteLink(route, index)
    gone.add(`network ${network}`)
  }
  if (gone.size > 0) removeRules(netfilter, TABLE, ({ comment }) => comment !== undefined && gone.has(comment))
}
