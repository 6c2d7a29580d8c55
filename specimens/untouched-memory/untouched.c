#include "untouched.h"
#include "shape.h"

#include <unistd.h>

int untouched_block(void) {
    shape_arrive();
    int result = pause();
    KEEP(result);
    return result;
}

int untouched_arrived(void) {
    return shape_arrived;
}
