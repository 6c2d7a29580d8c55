#include "rbp.h"
#include "shape.h"

#include <sys/syscall.h>
#include <unistd.h>

/* Blocks in the pause system call with rbp holding whatever is given. */
static FRAME long pause_with_rbp(long value) {
    long result;
    shape_arrive();
    __asm__ volatile("mov %[value], %%rbp\n\t"
                     "syscall"
                     : "=a"(result)
                     : "a"((long)SYS_pause), [value] "r"(value)
                     : "rbp", "rcx", "r11", "memory");
    KEEP(result);
    return result;
}

long rbp_number(long number) {
    long result = pause_with_rbp(number);
    KEEP(result);
    return result;
}

/* Stands where a return address would; nobody calls it. */
static FRAME void lure_function(void) {
    pause();
}

long rbp_lure(void) {
    /* Saved frame pointer, return address, twice: the second record's frame pointer ends the chain. */
    void *volatile records[4];
    records[0] = (void *)&records[2];
    records[1] = (char *)lure_function + 4;
    records[2] = 0;
    records[3] = (char *)lure_function + 4;
    long result = pause_with_rbp((long)records);
    KEEP(result);
    return result + (records[0] != 0);
}

static FRAME long block(void) {
    shape_arrive();
    long result = pause();
    KEEP(result);
    return result;
}

/* Seven values that live across the call: more than the callee-saved registers, so rbp is taken too. */
static FRAME long values_across_call(volatile long *source) {
    long a = source[0], b = source[1], c = source[2], d = source[3], e = source[4], f = source[5], g = source[6];
    long result = block();
    source[0] = a + b;
    source[1] = b ^ c;
    source[2] = c - d;
    source[3] = d * e;
    source[4] = e | f;
    source[5] = f + g;
    source[6] = g - a;
    return result + a;
}

long rbp_pressure(long seed) {
    volatile long values[7];
    for (int i = 0; i < 7; i++) {
        values[i] = seed * (i + 1);
    }
    long result = values_across_call(values);
    return result + values[3];
}

int rbp_arrived(void) {
    return shape_arrived;
}
