import { readdirSync, readlinkSync } from 'node:fs'

/** The processes in the PID namespace of one, as this machine counts. */
export function namespaceProcesses(pid: number): number[] {
  const namespace = namespaceOf(pid)
  if (namespace === undefined) return []
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  return pids.map(Number).filter((each) => namespaceOf(each) === namespace)
}

/** undefined for a process that is gone, or somebody else's. */
function namespaceOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/pid`)
  } catch {
    return undefined
  }
}
