import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

export interface ProcessOnMachine {
  readonly pid: number
  /** Ticks since boot: with it, a pid means one process only. */
  readonly startTime: string
  readonly name: string
}

/** Every process this one can see, itself left out. */
export function processes(): ProcessOnMachine[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
  return pids.flatMap((pid) => {
    const stat = readProc(pid, 'stat')
    const [, name = '', rest = ''] = /^\d+ \((.*)\) (.*)$/s.exec(stat) ?? []
    // Counted from the state, which is field 3: the start time is field 22. A zombie has ended and waits for its parent.
    const fields = rest.split(' ')
    return stat === '' || fields[0] === 'Z' ? [] : [{ pid: Number(pid), startTime: fields[19] ?? '', name }]
  })
}

/**
 * Whether a process has to do with the gocker of `root`: by its arguments, its environment, or by what is mounted in a mount namespace of
 * its own, as a container's layers are.
 */
export function belongsTo({ pid }: ProcessOnMachine, root: string): boolean {
  if (readProc(pid, 'cmdline').includes(root) || readProc(pid, 'environ').includes(root)) return true
  return mountNamespace(pid) !== mountNamespace('self') && readProc(pid, 'mountinfo').includes(root)
}

function mountNamespace(pid: number | 'self'): string {
  try {
    return readlinkSync(`/proc/${pid}/ns/mnt`)
  } catch {
    return ''
  }
}

/** Empty where the process has gone, or is somebody else's. */
function readProc(pid: number | string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    return ''
  }
}
