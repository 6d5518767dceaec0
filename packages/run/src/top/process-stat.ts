/** What the kernel says of a process. @see proc_pid_stat(5), proc_pid_status(5), proc_pid_cmdline(5) */
export interface ProcessStat {
  readonly pid: number
  readonly parent: number
  readonly uid: number
  /** Its device number; 0: none. */
  readonly terminal: number
  /** Ticks of the processor. */
  readonly ticks: number
  /** Ticks after boot. */
  readonly startTime: number
  readonly command: string
}

/** The texts of a process's files in /proc. */
export interface ProcessFiles {
  readonly stat: string
  readonly status: string
  readonly cmdline: string
}

export function readStat({ stat, status, cmdline }: ProcessFiles): ProcessStat {
  // The second field is the program's name, in which anything may stand, `)` too.
  const [open, close] = [stat.indexOf('('), stat.lastIndexOf(')')]
  const fields = stat.slice(close + 2).split(' ')
  const field = (number: number) => Number(fields[number - 3])
  const name = stat.slice(open + 1, close)
  return {
    pid: Number(stat.slice(0, open)),
    parent: field(4),
    // The second of four is the effective one.
    uid: Number(/^Uid:\t\d+\t(\d+)/m.exec(status)?.[1]),
    terminal: field(7),
    ticks: field(14) + field(15),
    startTime: field(22),
    // Threads of the kernel and processes that have ended have no command line.
    command: cmdline === '' ? `[${name}]` : cmdline.replace(/\0+$/, '').replaceAll(/\p{Cc}/gu, ' '),
  }
}
