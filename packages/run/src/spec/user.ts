import { RunError } from '../error.ts'
import { parseUser } from '../options/user.ts'

/** Who a container's process is. */
export interface Identity {
  readonly uid: number
  readonly gid: number
  readonly additionalGids: readonly number[]
  readonly home: string
}

/** `/etc/passwd` and `/etc/group` of the container; empty when there is none. */
export interface UserFiles {
  readonly passwd: string
  readonly group: string
}

interface PasswdEntry {
  readonly name: string
  readonly uid: number
  readonly gid: number
  readonly home: string
}

interface GroupEntry {
  readonly name: string
  readonly gid: number
  readonly members: readonly string[]
}

const LARGEST_ID = 2 ** 31 - 1

/**
 * Reads `user[:group]` by the container's own files, as docker does: a number needs no entry, and a name does;
 * the groups that list the user count unless a group is given. The first group is among them: a file that denies it something denies it so
 * (CVE-2022-2989).
 * @throws {RunError} `NO_SUCH_USER`, `INVALID_OPTION`
 * @see passwd(5), group(5)
 */
export function identityOf(text: string, files: UserFiles, groupAdd: readonly string[] = []): Identity {
  const { user, group } = parseUser(text)
  const groups = readGroups(files.group)
  const entry = findUser(user === '' ? '0' : user, readPasswd(files.passwd))
  const primary = group === undefined ? entry.gid : findGroup(group, groups, text)
  const listed = group === undefined ? groups.filter(({ members }) => members.includes(entry.name)).map(({ gid }) => gid) : []
  const added = groupAdd.map((name) => findGroup(name, groups, text))
  return { uid: entry.uid, gid: primary, additionalGids: [...new Set([primary, ...listed, ...added])], home: entry.home || '/' }
}

function findUser(user: string, entries: readonly PasswdEntry[]): PasswdEntry {
  // A name goes first: a user may be called 1000.
  const named = entries.find(({ name }) => name === user)
  if (named !== undefined) return named
  const uid = readId(user)
  if (uid === undefined) throw noSuch('user', user, '/etc/passwd')
  return entries.find((entry) => entry.uid === uid) ?? { name: '', uid, gid: 0, home: '/' }
}

function findGroup(group: string, entries: readonly GroupEntry[], text: string): number {
  const gid = entries.find(({ name }) => name === group)?.gid ?? readId(group)
  if (gid === undefined) throw noSuch('group', group, `/etc/group (of ${JSON.stringify(text)})`)
  return gid
}

function noSuch(what: string, name: string, file: string): RunError {
  return new RunError('NO_SUCH_USER', `finding ${what} ${JSON.stringify(name)}: the image's ${file} has no such entry`)
}

function readId(text: string): number | undefined {
  const id = /^\d+$/.test(text) ? Number(text) : Number.NaN
  return id <= LARGEST_ID ? id : undefined
}

function readPasswd(content: string): PasswdEntry[] {
  return fieldsOf(content).flatMap(([name = '', , uid = '', gid = '', , home = '']) => {
    const [user, group] = [readId(uid), readId(gid)]
    return user === undefined || group === undefined ? [] : [{ name, uid: user, gid: group, home }]
  })
}

function readGroups(content: string): GroupEntry[] {
  return fieldsOf(content).flatMap(([name = '', , gid = '', members = '']) => {
    const id = readId(gid)
    return id === undefined ? [] : [{ name, gid: id, members: members.split(',').filter((member) => member !== '') }]
  })
}

function fieldsOf(content: string): string[][] {
  return content
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .map((line) => line.trim().split(':'))
}
