import { chmodSync, chownSync, statSync, utimesSync } from 'node:fs'
import { ownerHere } from '@gocker/kernel'

/** Lets one directory look as another: what lies on top of an overlay is what is seen of both. */
export function takeAttributes(from: string, to: string): void {
  const { uid, gid, mode, atime, mtime } = statSync(from)
  chownSync(to, ...ownerHere(uid, gid))
  chmodSync(to, mode & 0o7777)
  utimesSync(to, atime, mtime)
}
