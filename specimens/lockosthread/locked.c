#include "locked.h"
#include "shape.h"

#include <unistd.h>

int locked_block(void) {
    shape_arrive();
    int result = pause();
    KEEP(result);
    return result;
}

int locked_arrived(void) {
    return shape_arrived;
}
