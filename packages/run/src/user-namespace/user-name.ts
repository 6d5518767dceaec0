import { readFileSync } from 'node:fs'
import { userInfo } from 'node:os'

/** What a user of the machine is called; undefined for one of no name. Inside a user namespace he is somebody else to the C library. */
export function userName(uid: number): string | undefined {
  return process.getuid?.() === uid ? ownName() : nameInPasswd(uid)
}

function ownName(): string | undefined {
  try {
    return userInfo().username
  } catch {
    return undefined
  }
}

function nameInPasswd(uid: number): string | undefined {
  try {
    const lines = readFileSync('/etc/passwd', 'utf8').split('\n')
    return lines.map((line) => line.split(':')).find(([, , id]) => id === `${uid}`)?.[0]
  } catch {
    return undefined
  }
}
