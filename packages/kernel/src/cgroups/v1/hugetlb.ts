import type { Controller } from '../controller.ts'

/** @see https://docs.kernel.org/admin-guide/cgroup-v1/hugetlb.html */
export const hugetlbV1: Controller = {
  name: 'hugetlb',

  settings({ hugepageLimits = [] }) {
    return hugepageLimits.map(({ pageSize, limit }) => ({ file: `hugetlb.${pageSize}.limit_in_bytes`, value: `${limit}` }))
  },
}
