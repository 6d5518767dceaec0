/* Prints the limits that this process was given: setrlimit(2)'s, as the container has them. */
#include <stdio.h>
#include <sys/resource.h>

static const struct {
    const char *name;
    int resource;
} LIMITS[] = {
    {"open files", RLIMIT_NOFILE},
    {"processes", RLIMIT_NPROC},
    {"core file", RLIMIT_CORE},
    {"stack", RLIMIT_STACK},
};

static void print(rlim_t value) {
    if (value == RLIM_INFINITY)
        printf(" %12s", "unlimited");
    else
        printf(" %12llu", (unsigned long long)value);
}

int main(void) {
    for (size_t i = 0; i < sizeof LIMITS / sizeof *LIMITS; i++) {
        struct rlimit limit;
        if (getrlimit(LIMITS[i].resource, &limit) != 0) {
            perror(LIMITS[i].name);
            return 1;
        }
        printf("%-12s", LIMITS[i].name);
        print(limit.rlim_cur);
        print(limit.rlim_max);
        putchar('\n');
    }
    return 0;
}
