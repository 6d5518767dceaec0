import { normalize } from 'node:path'
import { KernelError } from '../error.ts'

/** @throws {KernelError} `EINVAL` for a path that is not absolute and plain, or that is a tree's root */
export function checkPath(path: string): void {
  const isPlain = path.startsWith('/') && path !== '/' && !path.endsWith('/') && normalize(path) === path && !path.includes('\0')
  if (!isPlain)
    throw new KernelError('EINVAL', `naming cgroup ${JSON.stringify(path)}: not a path such as /gocker/name`, { syscall: 'cgroup' })
}
