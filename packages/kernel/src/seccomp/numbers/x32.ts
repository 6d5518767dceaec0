/** Calls of x86-64 that x32 has anew, for structures that hold pointers: arch/x86/entry/syscalls/syscall_64.tbl, ABI `x32`. */
export const X32_MOVED = `
512 rt_sigaction rt_sigreturn ioctl readv writev recvfrom sendmsg recvmsg execve ptrace rt_sigpending rt_sigtimedwait
524 rt_sigqueueinfo sigaltstack timer_create mq_notify kexec_load waitid set_robust_list get_robust_list vmsplice move_pages
534 preadv pwritev rt_tgsigqueueinfo recvmmsg sendmmsg process_vm_readv process_vm_writev setsockopt getsockopt io_setup
544 io_submit execveat preadv2 pwritev2
`

/** Calls of x86-64 that x32 never had: ABI `64` there. */
export const X32_ABSENT =
  '_sysctl create_module epoll_ctl_old epoll_wait_old get_kernel_syms get_thread_area map_shadow_stack nfsservctl query_module set_thread_area uprobe uretprobe uselib vserver'
