#include "callbacks.h"
#include "shape.h"

#include <unistd.h>

extern int goNest(int left);
extern int goHoldOuter(void);
extern int goHoldInner(void);

static FRAME int nest_middle(int left) {
    char room[96];
    room[left] = 1;
    int result = goNest(left);
    __asm__ volatile("" : : "r"(room) : "memory");
    return result + room[left];
}

int nest_call(int left) {
    int result = nest_middle(left);
    KEEP(result);
    return result;
}

int nest_block(void) {
    shape_arrive();
    int result = pause();
    KEEP(result);
    return result;
}

static FRAME int hold_middle(void) {
    int result = goHoldOuter();
    KEEP(result);
    return result;
}

int hold_outer(void) {
    int result = hold_middle();
    KEEP(result);
    return result;
}

int hold_inner(void) {
    int result = goHoldInner();
    KEEP(result);
    return result;
}

int callbacks_arrived(void) {
    return shape_arrived;
}
