/**
 * The calls that every container may make, by what they are for. A 32-bit architecture's forms (`chown32`, `stat64`,
 * `futex_time64`, ...) stand beside the plain ones.
 */
export const FOR_EVERYBODY = {
  // Another process is reached only through what the pid namespace and the user's rights let one see.
  processes: `
    execve execveat exit exit_group fork vfork wait4 waitid waitpid getpid getppid gettid getpgid getpgrp getsid setpgid setsid
    set_tid_address set_robust_list get_robust_list rseq membarrier restart_syscall prctl seccomp
    landlock_create_ruleset landlock_add_rule landlock_restrict_self
    kill tkill tgkill pause pidfd_open pidfd_send_signal process_mrelease
    rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo rt_sigreturn rt_sigsuspend rt_sigtimedwait rt_sigtimedwait_time64
    rt_tgsigqueueinfo sigaltstack sigprocmask sigreturn signalfd signalfd4 uretprobe
    set_thread_area get_thread_area`,

  // The capabilities SETUID, SETGID and SETPCAP decide, in the container's user namespace.
  identity: `
    getuid getuid32 geteuid geteuid32 getgid getgid32 getegid getegid32 getgroups getgroups32
    getresuid getresuid32 getresgid getresgid32 setuid setuid32 setgid setgid32 setgroups setgroups32
    setreuid setreuid32 setregid setregid32 setresuid setresuid32 setresgid setresgid32
    setfsuid setfsuid32 setfsgid setfsgid32 capget capset`,

  scheduling: `
    sched_yield sched_getaffinity sched_setaffinity sched_getattr sched_setattr sched_getparam sched_setparam
    sched_getscheduler sched_setscheduler sched_get_priority_max sched_get_priority_min
    sched_rr_get_interval sched_rr_get_interval_time64 getpriority setpriority ioprio_get ioprio_set getcpu
    getrlimit ugetrlimit setrlimit prlimit64 getrusage times
    futex futex_time64 futex_waitv futex_wake futex_wait futex_requeue`,

  memory: `
    brk mmap mmap2 munmap mremap mprotect madvise mincore msync mlock mlock2 mlockall munlock munlockall mseal
    remap_file_pages memfd_create memfd_secret map_shadow_stack pkey_alloc pkey_free pkey_mprotect cachestat`,

  // Setting a clock is CAP_SYS_TIME's; adjtimex without it only reads.
  time: `
    time gettimeofday adjtimex clock_adjtime clock_adjtime64 clock_getres clock_getres_time64 clock_gettime clock_gettime64
    clock_nanosleep clock_nanosleep_time64 nanosleep alarm getitimer setitimer
    timer_create timer_delete timer_getoverrun timer_gettime timer_gettime64 timer_settime timer_settime64
    timerfd_create timerfd_gettime timerfd_gettime64 timerfd_settime timerfd_settime64`,

  descriptors: `
    open openat openat2 creat close close_range dup dup2 dup3 fcntl fcntl64 ioctl flock pipe pipe2 umask
    read readv pread64 preadv preadv2 write writev pwrite64 pwritev pwritev2 lseek _llseek readahead
    fadvise64 fadvise64_64 fallocate truncate truncate64 ftruncate ftruncate64
    fsync fdatasync sync syncfs sync_file_range sendfile sendfile64 splice tee vmsplice copy_file_range`,

  // No call here mounts or finds a file by handle: name_to_handle_at only names one.
  files: `
    access faccessat faccessat2 chdir fchdir getcwd chmod fchmod fchmodat fchmodat2
    chown chown32 fchown fchown32 fchownat lchown lchown32 getdents getdents64 link linkat symlink symlinkat readlink readlinkat
    mkdir mkdirat mknod mknodat rmdir unlink unlinkat rename renameat renameat2 name_to_handle_at
    stat stat64 fstat fstat64 fstatat64 newfstatat lstat lstat64 statx statfs statfs64 fstatfs fstatfs64 statmount listmount
    utime utimes futimesat utimensat utimensat_time64
    getxattr lgetxattr fgetxattr getxattrat setxattr lsetxattr fsetxattr setxattrat
    listxattr llistxattr flistxattr listxattrat removexattr lremovexattr fremovexattr removexattrat
    inotify_init inotify_init1 inotify_add_watch inotify_rm_watch fanotify_mark`,

  // io_uring is left out: it runs calls that no filter sees.
  waiting: `
    poll ppoll ppoll_time64 select _newselect pselect6 pselect6_time64
    epoll_create epoll_create1 epoll_ctl epoll_ctl_old epoll_wait epoll_wait_old epoll_pwait epoll_pwait2 eventfd eventfd2
    io_setup io_destroy io_submit io_cancel io_getevents io_pgetevents io_pgetevents_time64`,

  // socket has rules of its own; socketcall is 32-bit x86's way to all of them, and takes its arguments where no filter looks.
  sockets: `
    socketcall socketpair bind connect listen accept accept4 shutdown getsockname getpeername getsockopt setsockopt
    send sendto sendmsg sendmmsg recv recvfrom recvmsg recvmmsg recvmmsg_time64`,

  // Apart by the ipc namespace.
  interprocess: `
    ipc msgctl msgget msgrcv msgsnd semctl semget semop semtimedop semtimedop_time64 shmat shmctl shmdt shmget
    mq_open mq_unlink mq_notify mq_getsetattr mq_timedsend mq_timedsend_time64 mq_timedreceive mq_timedreceive_time64`,

  system: 'uname sysinfo getrandom',
}
