/* What the C halves of the specimens share. */
#ifndef SPECIMENS_SHAPE_H
#define SPECIMENS_SHAPE_H

/* A function that stays a frame of its own: neither inlined, cloned, merged nor analysed by its callers. */
#define FRAME __attribute__((noipa))

/* Stands after a call whose frame must stay, so that the call does not become a jump. */
#define KEEP(value) __asm__ volatile("" : "+r"(value) : : "memory")

/* How many threads have arrived where they are to block. Weak, since cgo compiles a preamble more than once. */
__attribute__((weak)) int shape_arrived;

/* The last thing that a thread does before it blocks. */
#define shape_arrive() __atomic_add_fetch(&shape_arrived, 1, __ATOMIC_SEQ_CST)

#endif
