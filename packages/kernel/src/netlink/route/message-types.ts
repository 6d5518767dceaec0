/** @see rtnetlink(7), include/uapi/linux/rtnetlink.h */
export const RTM = {
  NEWLINK: 16,
  DELLINK: 17,
  GETLINK: 18,
  NEWADDR: 20,
  DELADDR: 21,
  GETADDR: 22,
  NEWROUTE: 24,
  DELROUTE: 25,
  GETROUTE: 26,
} as const

/** Address families. */
export const AF = { UNSPEC: 0, INET: 2, INET6: 10 } as const

export const FAMILY_NUMBERS = { ipv4: AF.INET, ipv6: AF.INET6 } as const
