import type { Controller } from '../controller.ts'

/** @see https://docs.kernel.org/admin-guide/cgroup-v2.html#hugetlb-interface-files */
export const hugetlbV2: Controller = {
  name: 'hugetlb',

  settings({ hugepageLimits = [] }) {
    return hugepageLimits.map(({ pageSize, limit }) => ({ file: `hugetlb.${pageSize}.max`, value: limit < 0 ? 'max' : `${limit}` }))
  },
}
