import type { Controller } from './controller.ts'

/**
 * The same files in both versions.
 * @see https://docs.kernel.org/admin-guide/cgroup-v1/cpusets.html
 * @see https://docs.kernel.org/admin-guide/cgroup-v2.html#cpuset-interface-files
 */
export const cpuset: Controller = {
  name: 'cpuset',

  settings({ cpu = {} }) {
    return [
      ...(cpu.cpus ? [{ file: 'cpuset.cpus', value: cpu.cpus }] : []),
      ...(cpu.mems ? [{ file: 'cpuset.mems', value: cpu.mems }] : []),
    ]
  },
}
