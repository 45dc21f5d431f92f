/** What the cloud is made of, beside what the test cluster pins. Debian's packages come as their suite has them. */
export const versions = {
  /** The last Debian whose OpenStack (Zed) still has the linuxbridge agent: it needs nothing of the kernel but bridges. */
  suite: 'bookworm',
} as const
